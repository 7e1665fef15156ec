-- Withdraw duties that follow a record or an issue once a correction took the event's own duties away; restore them with these.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: an equal decision is left alone
with follower as (
    select
        d.event_id,
        d.rule_id,
        d.round,
        d.outcome,
        d.reason,
        r.kind,
        r.recurs and d.round <> r.round as recurs,
        exists(
            select from decision as o
            inner join rule as q on o.rule_id = q.rule_id
            where
                o.event_id = d.event_id
                and q.pack_version_id = r.pack_version_id
                and q.kind is not null
                and o.round = q.round
                and (r.kind is null or o.rule_id = d.rule_id)
                and o.outcome not in ('superseded', 'suppressed', 'out_of_scope')
        ) as based
    from todo as t
    inner join event as e on t.batch_id = e.batch_id and e.first_batch_id <> e.batch_id
    inner join decision as d on e.event_id = d.event_id
    inner join rule as r on d.rule_id = r.rule_id and t.pack_version_id = r.pack_version_id
    where r.kind is null or d.round <> r.round
)

update decision as d
set
    outcome = case when f.based then 'due' else 'superseded' end,
    reason = case when not f.based then 'cause_gone' when f.recurs then 'recurring' else 'followed' end,
    decided_on = :on
from follower as f
where
    d.event_id = f.event_id and d.rule_id = f.rule_id and d.round = f.round
    and case when f.based then f.reason = 'cause_gone' else f.outcome = 'due' or f.reason = 'stopped' end
