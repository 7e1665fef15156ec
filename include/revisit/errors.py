"""Every error a user can cause: each says what is wrong, where, and what to do."""


class RevisitError(Exception):
    """A fault in input or set-up. The command line prints it without a traceback and exits with `exit_code`."""

    exit_code = 1


class ConfigError(RevisitError):
    """The workspace, the organisation or a source file is missing or wrong."""

    exit_code = 2


class PackError(RevisitError):
    """A pack is not valid, not complete, or not in force when it is needed."""

    exit_code = 3


class SourceError(RevisitError):
    """A source cannot be reached or read at all (single bad rows are quarantined instead)."""

    exit_code = 4


class CalendarMissing(RevisitError):  # noqa: N818 - the name says what is wrong
    """A working-day calculation reaches a day the calendar does not know."""

    exit_code = 5


class ReturnedSheetError(RevisitError):
    """A returned workbook cannot be accepted as a whole (single bad cells are sent back instead)."""

    exit_code = 6


class ApprovalError(RevisitError):
    """A report is in the wrong state for the step, or somebody would approve their own work."""

    exit_code = 7
