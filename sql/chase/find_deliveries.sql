-- Find the last day on which each of some sources brought something new.
-- grain    one row per source
-- params   sources text[]
-- repeat   read only
select
    b.source,
    max(b.received_on) as delivered_on
from batch as b
where b.source = any(:sources) and b.rows_accepted > 0
group by b.source
