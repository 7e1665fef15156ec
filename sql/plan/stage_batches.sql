-- Stage the batches that a pack version has not planned yet, for each line that its pack governs.
-- grain    one row per batch and line
-- params   pack_version_id int
-- repeat   safe: a stage of this run alone, under the pack's lock
create unlogged table todo as
select
    v.pack_version_id,
    u.line,
    b.batch_id,
    exists(select from pack_version as w where w.pack = v.pack and w.effective_from < v.effective_from) as succeeds
from batch as b
cross join pack_version as v
inner join pack_use as u on v.pack = u.pack
where
    v.pack_version_id = :pack_version_id
    and not exists (
        select from planned_batch as p
        where p.pack_version_id = v.pack_version_id and p.line = u.line and p.batch_id = b.batch_id
    )
