-- List the last batch of each source; corrections by hand are no delivery.
-- grain    one row per source
-- params   none
-- repeat   read only
select distinct on (source)
    source,
    received_on,
    rows_read,
    rows_accepted,
    rows_unchanged,
    rows_refused,
    judged
from batch
where source <> 'merged by hand'
order by source asc, batch_id desc
