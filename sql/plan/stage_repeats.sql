-- Find the conditional duties whose event repeats earlier ones of its line often enough (PQ-05 with PQ-27).
-- grain    one row per event, rule and round
-- params   pack_version_id int
-- repeat   safe: a stage of this run alone, under the pack's lock
create unlogged table repeated as
with asking as (
    select
        r.rule_id,
        r.round,
        r.kind,
        r.repeat_at_least,
        r.repeat_months,
        r.repeat_calendar,
        r.repeat_in_a_row
    from rule as r
    where r.pack_version_id = :pack_version_id and 'repeated' = any(r.conditions)
),

touched as ( -- also events that the pack does not decide, because they are from before its first day
    select distinct
        e.line,
        e.customer,
        e.matter,
        e.kind
    from todo as t
    inner join event as e on t.batch_id = e.batch_id and t.line = e.line
    where e.customer is not null and e.matter is not null and e.kind in (select a.kind from asking as a)
    union
    select -- what comes between others, or goes, touches all of its customer's
        o.line,
        o.customer,
        o.matter,
        o.kind
    from (select distinct a.kind from asking as a where a.repeat_in_a_row) as k
    cross join lateral (
        select
            e.line,
            e.customer
        from todo as t
        inner join event as e on t.batch_id = e.batch_id and t.line = e.line and k.kind = e.kind
        union
        select
            p.line,
            p.customer
        from todo as t
        inner join event as e on t.batch_id = e.batch_id and e.first_batch_id <> e.batch_id
        inner join event_version as p on e.event_id = p.event_id and k.kind = p.kind
    ) as e
    inner join event as o on e.line = o.line and e.customer = o.customer and k.kind = o.kind and o.matter is not null
),

grown as (
    select
        o.line,
        o.customer,
        o.matter,
        o.kind
    from touched as g
    inner join event as o
        on g.line = o.line and g.customer = o.customer and g.matter = o.matter and g.kind = o.kind and not o.cancelled
    group by o.line, o.customer, o.matter, o.kind
    having count(*) >= (select min(a.repeat_at_least) from asking as a)
),

placed as (
    select
        o.event_id,
        o.happened_at,
        o.line,
        o.customer,
        o.matter,
        r.rule_id,
        r.round,
        case
            when r.repeat_calendar then
                date_trunc('month', o.happened_at) - make_interval(months => r.repeat_months - 1) - interval '1 microsecond'
            else o.happened_at - make_interval(months => r.repeat_months)
        end as since,
        case when r.repeat_in_a_row then (
            select max(b.happened_at)
            from event as b
            where
                b.customer = o.customer and b.line = o.line and b.kind = o.kind and not b.cancelled
                and b.matter is distinct from o.matter and b.happened_at < o.happened_at
        ) end as last_other,
        lag(o.happened_at, r.repeat_at_least - 1) over (
            partition by r.rule_id, o.line, o.customer, o.matter order by o.happened_at, o.event_id
        ) as first_of_n
    from grown as g
    inner join event as o
        on g.line = o.line and g.customer = o.customer and g.matter = o.matter and g.kind = o.kind and not o.cancelled
    inner join asking as r on o.kind = r.kind
),

levelled as ( -- events of the same moment are the n-th together
    select
        p.event_id,
        p.rule_id,
        p.round,
        p.since,
        p.last_other,
        max(p.first_of_n) over (
            partition by p.rule_id, p.line, p.customer, p.matter, p.happened_at
        ) as first_of_n
    from placed as p
)

select
    event_id,
    rule_id,
    round
from levelled
where first_of_n > since and first_of_n >= coalesce(last_other, first_of_n)
