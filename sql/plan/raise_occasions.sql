-- Raise an event for every customer of a line at each period that runs and each occasion that comes near.
-- grain    one row per line, occasion and customer
-- params   batch_id bigint, on date, zone text, kinds text[], names text[], lines text[], firsts date[], lasts date[]
-- repeat   safe: an event is raised once
insert into event (
    source, event_key, kind, line, happened_at, starts_on, ends_on, customer, department, area, occasion, cancelled,
    attributes, batch_id, first_batch_id, received_on
)
select
    'calendar',
    concat_ws('/', o.kind, o.name, o.starts_on, o.line, c.customer),
    o.kind,
    o.line,
    o.starts_on::timestamp at time zone :zone,
    o.starts_on,
    o.ends_on,
    c.customer,
    c.department,
    c.area,
    o.name,
    false,
    c.attributes,
    :batch_id,
    :batch_id,
    :on
from unnest(
    cast(:kinds as text[]), cast(:names as text[]), cast(:lines as text[]), cast(:firsts as date[]),
    cast(:lasts as date[])
) as o (kind, name, line, starts_on, ends_on)
inner join customer as c on o.line = c.line
order by o.kind, o.starts_on, o.line, c.customer
on conflict (source, event_key) do nothing
