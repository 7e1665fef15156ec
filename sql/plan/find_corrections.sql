-- Find out whether the unplanned batches correct events that were planned before.
-- grain    one row, or none
-- params   none
-- repeat   read only
select 1 as found
from todo as t
inner join event as e on t.batch_id = e.batch_id and e.first_batch_id <> e.batch_id
limit 1
