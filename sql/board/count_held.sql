-- Count what stands in quarantine by source and reason.
-- grain    one row per source and reason
-- params   none
-- repeat   read only
select
    q.source,
    reason,
    count(*) as rows_refused
from quarantine as q
cross join unnest(q.reasons) as reason
where q.resolved_batch_id is null
group by q.source, reason
order by rows_refused desc, q.source asc, reason asc
limit 30
