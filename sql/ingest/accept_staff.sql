-- Accept the good rows of a staff register. An equal row changes nothing.
-- grain    one row per person
-- params   none
-- repeat   safe
insert into staff as s (staff, name, department, hired_on, left_on, attributes)
select
    event_key,
    name,
    department,
    hired_on,
    left_on,
    attributes
from staged
where reasons is null
on conflict (staff) do update
set
    name = excluded.name,
    department = excluded.department,
    hired_on = excluded.hired_on,
    left_on = excluded.left_on,
    attributes = excluded.attributes
where
    (s.name, s.department, s.hired_on, s.left_on, s.attributes)
    is distinct from (excluded.name, excluded.department, excluded.hired_on, excluded.left_on, excluded.attributes)
