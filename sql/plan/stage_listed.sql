-- Stage an event for every customer in the register of some lines, as if a source delivered it: dated by the day on which it was
-- first staged, cancelled where the customer went to another line.
-- grain    one row per line and customer
-- params   on date, zone text, lines text[]
-- repeat   safe: a temporary table; what says nothing new is left out when it is accepted
create temporary table staged on commit drop as
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
)

select
    f.event_key,
    'customer.listed' as kind,
    f.line,
    coalesce(e.happened_at, cast(:on as timestamp) at time zone :zone) as happened_at,
    cast(null as date) as starts_on,
    cast(null as date) as ends_on,
    f.customer,
    f.department,
    f.area,
    null as matter,
    null as source_matter,
    null as severity,
    null as occasion,
    null as subject,
    f.cancelled,
    f.attributes,
    cast(null as text[]) as reasons
from fact as f
left join event as e on e.source = 'calendar' and f.event_key = e.event_key
order by f.line, f.customer
