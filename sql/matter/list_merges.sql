-- List what people merged, the newest first.
-- grain    one row per merge
-- params   line text (none: all), number bigint (none: all)
-- repeat   read only
select
    merge_id as number,
    line,
    kind,
    customer,
    matter,
    into_matter,
    merged_on,
    merged_by,
    reason,
    undone_on,
    undone_by,
    undo_reason
from matter_merge
where
    (cast(:line as text) is null or line = :line)
    and (cast(:number as bigint) is null or merge_id = :number)
order by merge_id desc
