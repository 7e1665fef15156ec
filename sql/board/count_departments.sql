-- Count each department's open tasks and issues.
-- grain    one row per department
-- params   on date
-- repeat   read only
with owed as (
    select
        coalesce(a.department, t.department) as department,
        count(*) filter (where t.opens_on <= :on) as open_now,
        count(*) filter (where t.due_on <= :on) as due_now,
        count(*) filter (where t.state = 'planned' and t.opens_on <= :on) as not_issued
    from task as t
    left join area as a on t.area = a.area
    where t.state in ('planned', 'issued', 'signed')
    group by coalesce(a.department, t.department)
),

asked as (
    select
        department,
        count(*) as issues,
        count(*) filter (where due_on < :on and state = 'raised') as overdue
    from issue
    where state <> 'solved'
    group by department
)

select
    d.name,
    coalesce(o.open_now, 0) as open_now,
    coalesce(o.due_now, 0) as due_now,
    coalesce(o.not_issued, 0) as not_issued,
    coalesce(q.issues, 0) as issues,
    coalesce(q.overdue, 0) as overdue
from department as d
left join owed as o on d.department = o.department
left join asked as q on d.department = q.department
order by d.department
