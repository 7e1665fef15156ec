-- Find the event that ended a duty that comes again: a later one of the same customer and line.
-- grain    one row, or none
-- params   event_id bigint, kinds text[]
-- repeat   read only
select
    o.source,
    o.event_key,
    o.kind,
    o.happened_at
from event as e
inner join event as o on e.customer = o.customer and e.line = o.line and e.happened_at < o.happened_at
where e.event_id = :event_id and o.kind = any(:kinds) and not o.cancelled
order by o.happened_at, o.event_id
limit 1
