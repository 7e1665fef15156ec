-- Turn conditional duties into due ones where the event repeats earlier ones.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: only conditional decisions are touched
update decision as d
set outcome = 'due', reason = 'condition_met', decided_on = :on
from repeated as p
where
    d.event_id = p.event_id and d.rule_id = p.rule_id and d.round = p.round
    and d.reason in ('condition', 'lapsed')
