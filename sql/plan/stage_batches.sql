-- Stage the batches that a pack in use has not planned yet.
-- grain    one row per pack version and batch
-- params   none
-- repeat   safe: a stage of this run alone, under the planner's lock
create unlogged table planning.todo as
select
    v.pack_version_id,
    b.batch_id
from batch as b
cross join pack_version as v
where
    exists (select from pack_use as u where u.pack = v.pack)
    and not exists (
        select from planned_batch as p
        where p.pack_version_id = v.pack_version_id and p.batch_id = b.batch_id
    )
