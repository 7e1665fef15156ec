-- Find the issues that departments still have to answer.
-- grain    one row per issue
-- params   none
-- repeat   read only
select
    i.issue_id,
    i.department,
    i.cause,
    i.description,
    i.raised_on,
    i.due_on,
    i.state,
    i.category,
    i.assists,
    r.pack_version_id,
    a.name as area_name,
    exists(select from list_issue as l where l.issue_id = i.issue_id) as listed
from issue as i
inner join event as e on i.event_id = e.event_id
inner join rule as r on i.rule_id = r.rule_id
left join area as a on e.area = a.area
where i.state <> 'solved'
order by i.raised_on, i.issue_id
