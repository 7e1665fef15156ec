-- Sum what each source delivered in a span of days; corrections by hand are no delivery.
-- grain    one row per source
-- params   first date, last date
-- repeat   read only
select
    source,
    count(*) as batches,
    sum(rows_read) as rows_read,
    sum(rows_accepted) as rows_accepted,
    sum(rows_unchanged) as rows_unchanged,
    sum(rows_refused) as rows_refused,
    bool_and(coalesce(judged, false)) as judged
from batch
where received_on between :first and :last and source <> 'merged by hand'
group by source
order by source
