-- Let a customer's events stand under the matter that the standing merges say, as a correction: the replaced version is kept.
-- grain    one row per event that moves
-- params   line text, kind text, customer text, batch_id bigint, on date
-- repeat   safe: an event that stands there already is left alone
with moving as (
    select
        e.event_id,
        coalesce(m.stands_under, o.matter) as matter,
        case when m.matter is not null then o.matter end as source_matter
    from event as e
    cross join lateral (select coalesce(e.source_matter, e.matter) as matter) as o
    left join merged as m
        on e.line = m.line and e.kind = m.kind and e.customer = m.customer and o.matter = m.matter
    where
        e.customer = :customer and e.line = :line and e.kind = :kind
        and (e.matter, e.source_matter)
        is distinct from (coalesce(m.stands_under, o.matter), case when m.matter is not null then o.matter end)
),

kept as (
    insert into event_version (
        event_id, version, source, event_key, kind, line, happened_at, starts_on, ends_on, customer, department, area,
        matter, source_matter, severity, occasion, subject, cancelled, attributes, batch_id, received_on
    )
    select
        e.event_id, e.version, e.source, e.event_key, e.kind, e.line, e.happened_at, e.starts_on, e.ends_on, e.customer,
        e.department, e.area, e.matter, e.source_matter, e.severity, e.occasion, e.subject, e.cancelled, e.attributes,
        e.batch_id, e.received_on
    from moving as m
    inner join event as e on m.event_id = e.event_id
    on conflict (event_id, version) do nothing
    returning event_id, matter
)

update event as e
set
    matter = m.matter,
    source_matter = m.source_matter,
    version = e.version + 1,
    batch_id = :batch_id,
    received_on = :on
from moving as m
inner join kept as k on m.event_id = k.event_id
where e.event_id = m.event_id
returning
    e.event_id,
    e.source || '/' || e.event_key as event,
    e.happened_at,
    coalesce(e.department, '') as department,
    k.matter as was,
    e.matter as becomes,
    e.cancelled
