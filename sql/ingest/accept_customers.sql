-- Accept the good rows of a customer register. An equal row changes nothing.
-- grain    one row per customer
-- params   none
-- repeat   safe
insert into customer as c (customer, name, phone, address, do_not_contact)
select
    event_key,
    name,
    coalesce(phone, ''),
    coalesce(address, ''),
    coalesce(do_not_contact, false)
from staged
where reasons is null
on conflict (customer) do update
set
    name = excluded.name,
    phone = excluded.phone,
    address = excluded.address,
    do_not_contact = excluded.do_not_contact
where
    (c.name, c.phone, c.address, c.do_not_contact)
    is distinct from (excluded.name, excluded.phone, excluded.address, excluded.do_not_contact)
