"""Values in, values out: windows, calendars, draws, intervals, ladders. Nothing here touches the outside."""
