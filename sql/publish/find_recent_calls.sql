-- Find out on how many days customers, or anybody of their households, were put on a list lately.
-- grain    one row per customer
-- params   customers text[], since date, on date, household boolean: whether the household's calls count together
-- repeat   read only
with asked as (
    select
        c.customer,
        case when :household then coalesce(h.attributes ->> 'household', c.customer) else c.customer end as whose
    from unnest(cast(:customers as text[])) as c (customer)
    left join customer as h on c.customer = h.customer
),

member as (
    select
        a.customer,
        a.customer as member
    from asked as a
    union
    select
        a.customer,
        h.customer
    from asked as a
    inner join customer as h on a.whose = h.attributes ->> 'household'
    where :household
)

select
    m.customer,
    count(distinct f.issued_on) as calls
from member as m
inner join task as t on m.member = t.customer
inner join list_line as l on t.event_id = l.event_id and t.rule_id = l.rule_id and t.round = l.round
inner join list as f on l.list_id = f.list_id
where f.issued_on > :since and f.issued_on < :on
group by m.customer
