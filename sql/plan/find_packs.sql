-- Find the pack versions that have batches to plan, or decisions waiting for a rate that was decided meanwhile.
-- grain    one row per pack version
-- params   none
-- repeat   read only
select
    v.pack_version_id,
    v.time_zone
from pack_version as v
where
    exists (select from pack_use as u where u.pack = v.pack)
    and (
        exists (
            select from batch as b
            inner join pack_use as u on v.pack = u.pack
            where not exists (
                select from planned_batch as p
                where p.pack_version_id = v.pack_version_id and p.line = u.line and p.batch_id = b.batch_id
            )
        )
        or exists (
            select from quota as q
            inner join decision as d on q.quota_id = d.quota_id and d.reason = 'rate'
            inner join rate_decision as decided
                on q.decided = decided.parameter and decided.period = to_date(split_part(d.stratum, '/', 1), 'YYYY-MM')
            where q.pack_version_id = v.pack_version_id
        )
    )
order by v.pack_version_id
