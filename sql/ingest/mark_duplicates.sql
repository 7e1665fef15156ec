-- Of several rows of a batch with one key keep the last good one; refuse the earlier ones that say something else.
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
        last_value(s.position) over w as kept,
        to_jsonb(s.*) - 'position' = last_value(to_jsonb(s.*) - 'position') over w as equal
    from staged as s
    inner join repeated using (event_key)
    where s.reasons is null
    window w as (
        partition by s.event_key order by s.position
        rows between unbounded preceding and unbounded following
    )
)

update staged as s
set
    reasons = case
        when p.equal then array['']
        else array['event_key: a later row of the batch has the same key']
    end
from placed as p
where p.position = s.position and p.position <> p.kept
