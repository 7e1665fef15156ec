-- Count the standing rows of each period.
-- grain    one row per metric and period, by the period's first day
-- params   firsts date[]: the first day of each period, oldest first
-- repeat   read only
select
    metric,
    (cast(:firsts as date[]))[width_bucket(counted_on, cast(:firsts as date[]))] as first_on,
    count(*) filter (where standing = 'in_time') as numerator,
    count(*) filter (where standing in ('in_time', 'late', 'missed', 'not_drawn')) as denominator
from standing
group by metric, first_on
order by metric, first_on
