-- Of several rows of a batch with one key keep the last; refuse the earlier ones where they differ.
-- grain    one row per staged row that is not the last of its key
-- params   none
-- repeat   safe: works on the stage
with repeated as (
    select event_key
    from staged
    where event_key is not null
    group by event_key
    having count(*) > 1
),

placed as (
    select
        s.position,
        lead(s.position) over (partition by s.event_key order by s.reasons is not null desc, s.position) as later
    from staged as s
    inner join repeated using (event_key)
)

update staged as s
set reasons = array_append(s.reasons, 'event_key: a later row of the batch has the same key')
from placed as p
where p.position = s.position and p.later is not null and s.reasons is null
