-- Remember that the staged batches are planned.
-- grain    one row per pack version, line and batch
-- params   on date
-- repeat   safe
insert into planned_batch (pack_version_id, line, batch_id, planned_on)
select
    pack_version_id,
    line,
    batch_id,
    :on
from todo
on conflict (pack_version_id, batch_id, line) do nothing
