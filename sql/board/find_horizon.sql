-- Find the last day whose holidays are published.
-- grain    one row
-- params   calendar text
-- repeat   read only
select max(day) as day
from calendar_day
where calendar = :calendar and not provisional
