-- Find out on how many days customers were put on a list lately.
-- grain    one row per customer
-- params   customers text[], since date, on date
-- repeat   read only
select
    t.customer,
    count(distinct f.issued_on) as calls
from task as t
inner join list_line as l on t.event_id = l.event_id and t.rule_id = l.rule_id and t.round = l.round
inner join list as f on l.list_id = f.list_id
where t.customer = any(:customers) and f.issued_on > :since and f.issued_on < :on
group by t.customer
