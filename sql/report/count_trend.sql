-- Count the standing rows of each month.
-- grain    one row per metric and month
-- params   none
-- repeat   read only
select
    metric,
    month,
    count(*) filter (where standing = 'in_time') as numerator,
    count(*) filter (where standing in ('in_time', 'late', 'missed', 'not_drawn')) as denominator
from standing
group by metric, month
order by metric, month
