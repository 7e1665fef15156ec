-- Find what people merged on an event's way from its source's matter to the one under which it stands, undone merges too.
-- grain    one row per merge
-- params   event_id bigint
-- repeat   read only
with recursive way as (
    select m.*
    from event as e
    inner join matter_merge as m
        on e.line = m.line and e.kind = m.kind and e.customer = m.customer
        and m.matter = coalesce(e.source_matter, e.matter)
    where e.event_id = :event_id
    union
    select m.*
    from way as w
    inner join matter_merge as m
        on w.line = m.line and w.kind = m.kind and w.customer = m.customer and w.into_matter = m.matter
    where w.undone_on is null
)

select
    merge_id,
    matter,
    into_matter,
    merged_on,
    merged_by,
    reason,
    undone_on,
    undone_by,
    undo_reason
from way
order by merge_id
