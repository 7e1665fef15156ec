-- Number the next list of a department and day.
-- grain    one row
-- params   department text, on date
-- repeat   read only
select coalesce(max(part), 0) + 1 as part
from list
where department = :department and issued_on = :on
