-- Find a customer's duties that become due when events repeat each other, and whether theirs repeats earlier ones now.
-- The repetition is counted as in plan/stage_repeats.
-- grain    one row per event, rule and round
-- params   kind text, customer text
-- repeat   read only
with placed as (
    select
        o.event_id,
        o.happened_at,
        o.line,
        o.matter,
        o.cancelled,
        r.rule_id,
        r.round,
        o.source || '/' || o.event_key as event,
        case
            when r.repeat_calendar then
                date_trunc('month', z.civil) - make_interval(months => r.repeat_months - 1) - interval '1 microsecond'
            else z.civil - make_interval(months => r.repeat_months)
        end at time zone v.time_zone as since,
        case when r.repeat_in_a_row then (
            select max(b.happened_at)
            from event as b
            where
                b.customer = o.customer and b.line = o.line and b.kind = o.kind and not b.cancelled
                and b.matter is distinct from o.matter and b.happened_at < o.happened_at
        ) end as last_other,
        case when not o.cancelled then
            lag(o.happened_at, r.repeat_at_least - 1) over (
                partition by r.rule_id, o.line, o.matter, o.cancelled order by o.happened_at, o.event_id
            )
        end as first_of_n
    from event as o
    inner join rule as r on o.kind = r.kind and 'repeated' = any(r.conditions)
    inner join pack_version as v on r.pack_version_id = v.pack_version_id
    cross join lateral (select o.happened_at at time zone v.time_zone as civil) as z
    where o.customer = :customer and o.kind = :kind and o.matter is not null
),

levelled as ( -- events of the same moment are the n-th together
    select
        p.event_id,
        p.rule_id,
        p.round,
        p.event,
        p.since,
        p.last_other,
        case when not p.cancelled then
            max(p.first_of_n) over (partition by p.rule_id, p.line, p.matter, p.happened_at)
        end as first_of_n
    from placed as p
)

select
    d.event_id,
    d.rule_id,
    d.round,
    p.event,
    r.clause,
    r.name,
    d.opens_on,
    d.due_on,
    d.reason,
    coalesce(p.first_of_n > p.since and p.first_of_n >= coalesce(p.last_other, p.first_of_n), false) as repeated,
    coalesce(t.state, '') as state
from levelled as p
inner join decision as d on p.event_id = d.event_id and p.rule_id = d.rule_id and p.round = d.round
inner join rule as r on d.rule_id = r.rule_id
left join task as t on d.event_id = t.event_id and d.rule_id = t.rule_id and d.round = t.round
where d.reason in ('condition', 'lapsed', 'condition_met')
order by d.due_on, p.event, r.clause
