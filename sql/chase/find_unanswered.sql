-- Find the issues whose department's clock runs, with the steps already taken for their present deadline.
-- grain    one row per issue
-- params   none
-- repeat   read only
select
    i.issue_id,
    i.department,
    i.cause,
    i.due_on,
    i.state,
    coalesce(array_agg(c.step) filter (where c.step is not null), '{}') as taken
from issue as i
left join chase as c on i.issue_id = c.issue_id and i.due_on = c.due_on
where i.state = 'raised' and i.due_on is not null
group by i.issue_id, i.department, i.cause, i.due_on, i.state
order by i.issue_id
