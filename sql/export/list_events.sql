-- List the newest version of every event.
-- grain    one row per event
-- params   none
-- repeat   read only
select
    source,
    event_key,
    version,
    kind,
    line,
    happened_at,
    starts_on,
    ends_on,
    customer,
    department,
    area,
    matter,
    severity,
    occasion,
    cancelled,
    received_on
from event
order by source, event_key
