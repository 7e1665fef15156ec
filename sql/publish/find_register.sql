-- Find everybody in the staff register, with what is kept of them.
-- grain    one row per person
-- params   none
-- repeat   read only
select
    staff,
    name,
    department,
    left_on,
    attributes
from staff
