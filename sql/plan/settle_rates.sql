-- Settle the decisions that waited for a rate which a role has now decided.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: only waiting decisions are touched
update decision as d
set
    outcome = case when w.drawn then 'due' else 'not_drawn' end,
    reason = case when w.drawn then 'drawn' else 'not_drawn' end,
    draw_position = w.draw_position,
    drawn = w.drawn,
    decided_on = :on
from drawn as w
where w.settled and d.event_id = w.event_id and d.quota_id = w.quota_id and d.outcome = 'awaiting' and d.reason = 'rate'
