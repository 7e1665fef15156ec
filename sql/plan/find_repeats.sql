-- Turn conditional duties into due ones where the event repeats an earlier one often enough (PQ-05 with PQ-27).
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: only conditional decisions are touched
with asked as (
    select
        c.event_id,
        c.rule_id,
        c.round,
        e.customer,
        e.matter,
        e.kind,
        e.happened_at,
        r.repeat_at_least,
        e.happened_at - make_interval(months => r.repeat_months) as since
    from candidate as c
    inner join rule as r on c.rule_id = r.rule_id and 'repeated' = any(r.conditions)
    inner join event as e on c.event_id = e.event_id
    where c.reason = 'condition' and e.customer is not null and e.matter is not null
)

update decision as d
set outcome = 'due', reason = 'condition_met', decided_on = :on
from (
    select
        a.event_id,
        a.rule_id,
        a.round
    from asked as a
    inner join event as o
        on a.customer = o.customer and a.matter = o.matter and a.kind = o.kind
        and o.happened_at <= a.happened_at and o.happened_at > a.since and not o.cancelled
    group by a.event_id, a.rule_id, a.round, a.repeat_at_least
    having count(*) >= a.repeat_at_least
) as met
where
    d.event_id = met.event_id and d.rule_id = met.rule_id and d.round = met.round
    and d.reason in ('condition', 'lapsed')
