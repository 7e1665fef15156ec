-- Find out whether a file was taken before.
-- grain    one row, or none
-- params   source text, origin text
-- repeat   read only
select batch_id
from batch
where source = :source and origin = :origin
limit 1
