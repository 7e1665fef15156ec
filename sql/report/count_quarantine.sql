-- Count what stands in quarantine at a cut-off, by source and reason.
-- grain    one row per source and reason
-- params   first date, last date
-- repeat   read only
select
    q.source,
    reason,
    count(*) as rows_refused
from quarantine as q
cross join unnest(q.reasons) as reason
where q.refused_on between :first and :last
group by q.source, reason
order by q.source asc, rows_refused desc, reason asc
