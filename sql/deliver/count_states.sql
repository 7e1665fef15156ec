-- Count the outbox by state.
-- grain    one row per state
-- params   none
-- repeat   read only
select
    state,
    count(*) as messages
from outbox
group by state
order by state
