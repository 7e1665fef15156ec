-- Stage the batches that a pack version has not planned yet.
-- grain    one row per batch
-- params   pack_version_id int
-- repeat   safe: a stage of this run alone, under the pack's lock
create unlogged table todo as
select
    v.pack_version_id,
    b.batch_id
from batch as b
cross join pack_version as v
where
    v.pack_version_id = :pack_version_id
    and not exists (
        select from planned_batch as p
        where p.pack_version_id = v.pack_version_id and p.batch_id = b.batch_id
    )
