-- Find matters of one customer that came close to each other in time, and on which nobody said anything yet.
-- grain    one row per line, kind, customer and pair of matters, with the two events that are closest
-- params   lines text[], kinds text[]: together, on date, days int, zone text
-- repeat   read only
with wanted as (
    select
        w.line,
        w.kind
    from unnest(cast(:lines as text[]), cast(:kinds as text[])) as w (line, kind)
),

late as (
    select e.*
    from event as e
    inner join wanted as w on e.line = w.line and e.kind = w.kind
    where
        not e.cancelled and e.customer is not null and e.matter is not null
        and e.happened_at >= cast(:on as date)::timestamp at time zone :zone - make_interval(days => :days)
        and e.happened_at < (cast(:on as date) + 1)::timestamp at time zone :zone
)

select distinct on (l.line, l.kind, l.customer, least(l.matter, o.matter), greatest(l.matter, o.matter))
    l.line,
    l.kind,
    l.customer,
    l.source || '/' || l.event_key as event,
    l.matter,
    coalesce(l.subject, '') as subject,
    coalesce(l.department, '') as department,
    (l.happened_at at time zone :zone)::date as happened_on,
    o.source || '/' || o.event_key as earlier_event,
    o.matter as earlier_matter,
    coalesce(o.subject, '') as earlier_subject,
    coalesce(o.department, '') as earlier_department,
    (o.happened_at at time zone :zone)::date as earlier_on
from late as l
inner join event as o
    on l.customer = o.customer and l.line = o.line and l.kind = o.kind and l.matter <> o.matter and not o.cancelled
    and (o.happened_at, o.event_id) < (l.happened_at, l.event_id)
    and o.happened_at >= l.happened_at - make_interval(days => :days)
where not exists ( -- a merge that was undone says that they are two
    select from matter_merge as m
    where
        m.line = l.line and m.kind = l.kind and m.customer = l.customer
        and m.matter in (l.matter, l.source_matter, o.matter, o.source_matter)
        and m.into_matter in (l.matter, l.source_matter, o.matter, o.source_matter)
        and m.undone_on is not null
)
order by
    l.line asc, l.kind asc, l.customer asc, least(l.matter, o.matter) asc, greatest(l.matter, o.matter) asc,
    l.happened_at - o.happened_at asc, l.happened_at desc, l.event_id asc, o.event_id asc
