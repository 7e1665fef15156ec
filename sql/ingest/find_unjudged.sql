-- Find a source's last batch if no suite has judged it yet.
-- grain    one row, or none
-- params   source text
-- repeat   read only
select batch_id
from (
    select
        batch_id,
        judged
    from batch
    where source = :source
    order by batch_id desc
    limit 1
) as latest
where judged is null
