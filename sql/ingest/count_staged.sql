-- Count the staged rows, and those with a reason against them.
-- grain    one row
-- params   none
-- repeat   read only
select
    count(*) as read,
    count(*) filter (where reasons is not null) as refused
from staged
