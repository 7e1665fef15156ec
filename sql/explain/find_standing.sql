-- Find when the customer of an event first had an event of a kind: what makes a customer new or old.
-- grain    one row
-- params   event_id bigint, kind text, zone text
-- repeat   read only
select
    (min(o.happened_at) at time zone :zone)::date as first_on,
    (e.happened_at at time zone :zone)::date as event_on
from event as e
left join event as o on e.customer = o.customer and e.line = o.line and o.kind = :kind and not o.cancelled
where e.event_id = :event_id and e.customer is not null
group by e.event_id, e.happened_at
