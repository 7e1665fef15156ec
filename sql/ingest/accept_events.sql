-- Accept the good rows: new events, and new versions of known ones. An equal row changes nothing.
-- grain    one row per source and event key
-- params   source text, batch_id bigint, on date
-- repeat   safe
insert into event as e (
    source, event_key, kind, line, happened_at, starts_on, ends_on, customer, department, area, matter,
    source_matter, severity, occasion, subject, cancelled, attributes, batch_id, first_batch_id, received_on
)
select
    :source, event_key, kind, line, happened_at, starts_on, ends_on, customer, department, area, matter,
    source_matter, severity, occasion, subject, coalesce(cancelled, false), attributes, :batch_id, :batch_id, :on
from staged as s
where
    reasons is null
    and not exists ( -- an equal row is left out here, so that it uses up no number
        select from event as o
        where
            o.source = :source and o.event_key = s.event_key
            and (
                o.kind, o.line, o.happened_at, o.starts_on, o.ends_on, o.customer, o.department, o.area, o.matter,
                o.source_matter, o.severity, o.occasion, o.subject, o.cancelled, o.attributes
            ) is not distinct from (
                s.kind, s.line, s.happened_at, s.starts_on, s.ends_on, s.customer, s.department, s.area, s.matter,
                s.source_matter, s.severity, s.occasion, s.subject, coalesce(s.cancelled, false), s.attributes
            )
    )
on conflict (source, event_key) do update
set
    kind = excluded.kind,
    line = excluded.line,
    happened_at = excluded.happened_at,
    starts_on = excluded.starts_on,
    ends_on = excluded.ends_on,
    customer = excluded.customer,
    department = excluded.department,
    area = excluded.area,
    matter = excluded.matter,
    source_matter = excluded.source_matter,
    severity = excluded.severity,
    occasion = excluded.occasion,
    subject = excluded.subject,
    cancelled = excluded.cancelled,
    attributes = excluded.attributes,
    version = e.version + 1,
    batch_id = excluded.batch_id,
    received_on = excluded.received_on
where (
    e.kind, e.line, e.happened_at, e.starts_on, e.ends_on, e.customer, e.department, e.area, e.matter,
    e.source_matter, e.severity, e.occasion, e.subject, e.cancelled, e.attributes
) is distinct from (
    excluded.kind, excluded.line, excluded.happened_at, excluded.starts_on, excluded.ends_on, excluded.customer,
    excluded.department, excluded.area, excluded.matter, excluded.source_matter, excluded.severity, excluded.occasion,
    excluded.subject, excluded.cancelled, excluded.attributes
)
