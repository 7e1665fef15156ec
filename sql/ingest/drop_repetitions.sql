-- Drop the rows that repeat a later row of the batch word for word; they count as unchanged.
-- grain    one row per staged row
-- params   none
-- repeat   safe: works on the stage
delete from staged
where reasons = array['']
