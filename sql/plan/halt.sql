-- End the duties that come again no more, and let those go on whose end was withdrawn.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: an equal decision is not staged
update decision as d
set
    outcome = h.outcome,
    reason = h.reason,
    anchor_on = coalesce(h.anchor_on, d.anchor_on),
    opens_on = coalesce(h.opens_on, d.opens_on),
    due_on = coalesce(h.due_on, d.due_on),
    decided_on = :on
from halted as h
where d.event_id = h.event_id and d.rule_id = h.rule_id and d.round = h.round
