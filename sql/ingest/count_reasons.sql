-- Count the staged rows by reason.
-- grain    one row per reason
-- params   none
-- repeat   read only
select
    reason,
    count(*) as rows_refused
from staged cross join unnest(reasons) as reason
group by reason
order by reason
