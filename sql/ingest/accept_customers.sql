-- Accept the good rows of a customer register. An equal row changes nothing.
-- grain    one row per customer
-- params   none
-- repeat   safe
insert into customer as c (customer, name, phone, address, do_not_contact, line, department, area, attributes)
select
    event_key,
    name,
    coalesce(phone, ''),
    coalesce(address, ''),
    coalesce(do_not_contact, false),
    line,
    department,
    area,
    attributes
from staged
where reasons is null
on conflict (customer) do update
set
    name = excluded.name,
    phone = excluded.phone,
    address = excluded.address,
    do_not_contact = excluded.do_not_contact,
    line = excluded.line,
    department = excluded.department,
    area = excluded.area,
    attributes = excluded.attributes
where
    (c.name, c.phone, c.address, c.do_not_contact, c.line, c.department, c.area, c.attributes)
    is distinct from (
        excluded.name, excluded.phone, excluded.address, excluded.do_not_contact, excluded.line, excluded.department,
        excluded.area, excluded.attributes
    )
