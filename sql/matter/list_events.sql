-- List the events of a customer that a merge can touch, as a detection of what repeats sees them.
-- grain    one row per event
-- params   line text, kind text, customer text
-- repeat   read only
select
    source,
    event_key,
    kind,
    line,
    happened_at,
    customer,
    department,
    matter,
    cancelled
from event
where customer = :customer and line = :line and kind = :kind
order by happened_at, event_id
