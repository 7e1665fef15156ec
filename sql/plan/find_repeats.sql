-- Turn conditional duties into due ones where the event repeats earlier ones often enough (PQ-05 with PQ-27).
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: only conditional decisions are touched
with touched as (
    select distinct
        e.customer,
        e.matter,
        e.kind
    from candidate as c
    inner join rule as r on c.rule_id = r.rule_id and 'repeated' = any(r.conditions)
    inner join event as e on c.event_id = e.event_id
    where e.customer is not null and e.matter is not null
),

placed as (
    select
        o.event_id,
        r.rule_id,
        r.round,
        o.happened_at - make_interval(months => r.repeat_months) as since,
        lag(o.happened_at, r.repeat_at_least - 1) over (
            partition by r.rule_id, o.customer, o.matter, o.kind order by o.happened_at, o.event_id
        ) as first_of_n
    from touched as g
    inner join event as o on g.customer = o.customer and g.matter = o.matter and g.kind = o.kind and not o.cancelled
    inner join rule as r on o.kind = r.kind and 'repeated' = any(r.conditions)
)

update decision as d
set outcome = 'due', reason = 'condition_met', decided_on = :on
from placed as p
where
    p.first_of_n > p.since
    and d.event_id = p.event_id and d.rule_id = p.rule_id and d.round = p.round
    and d.reason in ('condition', 'lapsed')
