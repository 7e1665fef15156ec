-- Keep the versions of events that a complete delivery no longer contains.
-- grain    one row per event and version
-- params   source text
-- repeat   safe: a version kept already is left alone
insert into event_version (
    event_id, version, source, event_key, kind, line, happened_at, starts_on, ends_on, customer, department, area,
    matter, source_matter, severity, occasion, subject, cancelled, attributes, batch_id, received_on
)
select
    e.event_id, e.version, e.source, e.event_key, e.kind, e.line, e.happened_at, e.starts_on, e.ends_on, e.customer,
    e.department, e.area, e.matter, e.source_matter, e.severity, e.occasion, e.subject, e.cancelled, e.attributes,
    e.batch_id, e.received_on
from event as e
where
    e.source = :source
    and not e.cancelled
    and not exists (select from staged as s where s.event_key = e.event_key)
on conflict (event_id, version) do nothing
