-- Count the standing rows of each period. A figure by customers counts each once in a period.
-- grain    one row per metric and period, by the period's first day
-- params   firsts date[]: the first day of each period, oldest first
-- repeat   read only
with counted as (
    select
        metric,
        (cast(:firsts as date[]))[width_bucket(counted_on, cast(:firsts as date[]))] as first_on,
        count(*) filter (where standing = 'in_time') as numerator,
        count(*) filter (where standing in ('in_time', 'late', 'missed', 'not_drawn')) as denominator
    from standing
    where customer is null
    group by metric, first_on
    union all
    select
        metric,
        first_on,
        count(distinct customer) filter (where standing = 'in_time'),
        count(distinct customer) filter (where standing in ('in_time', 'late', 'missed', 'not_drawn'))
    from (
        select
            s.metric,
            s.customer,
            s.standing,
            (cast(:firsts as date[]))[width_bucket(s.counted_on, cast(:firsts as date[]))] as first_on
        from standing as s
        where s.customer is not null
    ) as placed
    group by metric, first_on
)

select
    metric,
    first_on,
    sum(numerator)::bigint as numerator,
    sum(denominator)::bigint as denominator
from counted
group by metric, first_on
order by metric, first_on
