-- Supersede decisions whose rule no longer applies, because a correction changed the event's kind, line or date.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: a superseded decision is left alone
update decision as d
set outcome = 'superseded', reason = 'reclassified', decided_on = :on
from event as e, rule as r, todo as t
where
    e.event_id = d.event_id
    and r.rule_id = d.rule_id
    and t.batch_id = e.batch_id
    and t.pack_version_id = r.pack_version_id
    and e.first_batch_id <> e.batch_id
    and (d.outcome <> 'superseded' or d.reason = 'stopped')
    and r.kind is not null and d.round = r.round -- not what follows a record or an issue
    and not exists (
        select from candidate as c
        where c.event_id = d.event_id and c.rule_id = d.rule_id and c.round = d.round
    )
