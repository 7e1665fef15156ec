-- Find the open issues with the newest list that carries each.
-- grain    one row per issue
-- params   none
-- repeat   read only
select distinct on (i.issue_id)
    i.issue_id,
    i.department,
    i.received_on,
    i.due_on,
    f.batch_code,
    f.file_name,
    f.issued_on,
    d.name as department_name,
    d.head
from issue as i
inner join list_issue as l on i.issue_id = l.issue_id
inner join list as f on l.list_id = f.list_id
inner join department as d on i.department = d.department
where i.state <> 'solved'
order by i.issue_id asc, f.list_id desc
