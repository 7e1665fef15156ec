-- Keep the versions of events that the batch is about to replace.
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
from staged as s
inner join event as e on e.source = :source and s.event_key = e.event_key
where
    s.reasons is null
    and (
        e.kind, e.line, e.happened_at, e.starts_on, e.ends_on, e.customer, e.department, e.area, e.matter,
        e.source_matter, e.severity, e.occasion, e.subject, e.cancelled, e.attributes
    ) is distinct from (
        s.kind, s.line, s.happened_at, s.starts_on, s.ends_on, s.customer, s.department, s.area, s.matter,
        s.source_matter, s.severity, s.occasion, s.subject, coalesce(s.cancelled, false), s.attributes
    )
on conflict (event_id, version) do nothing
