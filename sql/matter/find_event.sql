-- Find an event that people name, with the matter under which it stands.
-- grain    one row, or none
-- params   source text, event_key text
-- repeat   read only
select
    event_id,
    source || '/' || event_key as event,
    line,
    kind,
    customer,
    matter
from event
where source = :source and event_key = :event_key
