-- Find the conditional duties whose event repeats earlier ones often enough (PQ-05 with PQ-27).
-- grain    one row per event, rule and round
-- params   none
-- repeat   safe: a stage of this run alone, under the pack's lock
create unlogged table repeated as
with touched as (
    select distinct
        c.customer,
        c.repeatable as matter,
        r.kind
    from candidate as c
    inner join rule as r on c.rule_id = r.rule_id
    where c.customer is not null and c.repeatable is not null
),

grown as (
    select
        o.customer,
        o.matter,
        o.kind
    from touched as g
    inner join event as o on g.customer = o.customer and g.matter = o.matter and g.kind = o.kind and not o.cancelled
    group by o.customer, o.matter, o.kind
    having count(*) >= (select min(r.repeat_at_least) from rule as r where 'repeated' = any(r.conditions))
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
    from grown as g
    inner join event as o on g.customer = o.customer and g.matter = o.matter and g.kind = o.kind and not o.cancelled
    inner join rule as r on o.kind = r.kind and 'repeated' = any(r.conditions)
)

select
    event_id,
    rule_id,
    round
from placed
where first_of_n > since
