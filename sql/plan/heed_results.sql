-- Turn conditional duties into due ones where the first contact's record asks for it (PQ-05 "if necessary").
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: only waiting decisions are touched
update decision as d
set outcome = 'due', reason = 'condition_met', decided_on = :on
from rule as r, record as p, rule as f
where
    d.reason in ('condition', 'lapsed')
    and r.rule_id = d.rule_id
    and p.event_id = d.event_id
    and f.rule_id = p.rule_id
    and f.pack_version_id = r.pack_version_id
    and f.rule = r.first_rule
    and p.recorded_on <= least(d.due_on, :on)
    and (
        ('unsatisfactory' = any(r.conditions) and p.unsatisfactory)
        or ('flagged' = any(r.conditions) and p.second_visit_wanted)
    )
