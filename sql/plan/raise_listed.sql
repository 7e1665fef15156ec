-- Raise an event for every customer who is in the register of a line for the first time; correct those whose facts changed
-- since, and cancel those of customers who went to another line. Replaced versions are kept.
-- grain    one row
-- params   batch_id bigint, on date, zone text, lines text[]
-- repeat   safe: an event that says what the register says is left alone
with fact as (
    select
        concat_ws('/', 'customer.listed', c.line, c.customer) as event_key,
        c.line,
        c.customer,
        c.department,
        c.area,
        c.attributes,
        false as cancelled
    from customer as c
    where c.line = any(cast(:lines as text[]))
    union all
    select
        e.event_key,
        e.line,
        e.customer,
        e.department,
        e.area,
        e.attributes,
        true as cancelled
    from event as e
    inner join customer as c on e.customer = c.customer and e.line is distinct from c.line
    where e.source = 'calendar' and e.kind = 'customer.listed' and e.line = any(cast(:lines as text[]))
),

news as (
    select
        f.*,
        e.event_id
    from fact as f
    left join event as e on e.source = 'calendar' and f.event_key = e.event_key
    where
        e.event_id is null
        or (e.department, e.area, e.attributes, e.cancelled)
        is distinct from (f.department, f.area, f.attributes, f.cancelled)
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
    from news as n
    inner join event as e on n.event_id = e.event_id
    on conflict (event_id, version) do nothing
),

raised as (
    insert into event as e (
        source, event_key, kind, line, happened_at, customer, department, area, cancelled, attributes, batch_id,
        first_batch_id, received_on
    )
    select
        'calendar',
        n.event_key,
        'customer.listed',
        n.line,
        cast(:on as timestamp) at time zone :zone,
        n.customer,
        n.department,
        n.area,
        n.cancelled,
        n.attributes,
        :batch_id,
        :batch_id,
        :on
    from news as n
    order by n.line, n.customer
    on conflict (source, event_key) do update
    set
        department = excluded.department,
        area = excluded.area,
        cancelled = excluded.cancelled,
        attributes = excluded.attributes,
        version = e.version + 1,
        batch_id = excluded.batch_id,
        received_on = excluded.received_on
    returning version
)

select
    count(*) as raised,
    count(*) filter (where version > 1) as changed
from raised
