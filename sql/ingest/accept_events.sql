-- Accept the good rows: new events, and new versions of known ones. An equal row changes nothing.
-- grain    one row per source and event key
-- params   source text, batch_id bigint, on date
-- repeat   safe
insert into event as e (
    source, event_key, kind, line, happened_at, starts_on, ends_on, customer, department, area, matter, severity,
    occasion, subject, cancelled, attributes, batch_id, first_batch_id, received_on
)
select
    :source, event_key, kind, line, happened_at, starts_on, ends_on, customer, department, area, matter, severity,
    occasion, subject, coalesce(cancelled, false), attributes, :batch_id, :batch_id, :on
from staged
where reasons is null
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
    e.severity, e.occasion, e.subject, e.cancelled, e.attributes
) is distinct from (
    excluded.kind, excluded.line, excluded.happened_at, excluded.starts_on, excluded.ends_on, excluded.customer,
    excluded.department, excluded.area, excluded.matter, excluded.severity, excluded.occasion, excluded.subject,
    excluded.cancelled, excluded.attributes
)
