-- List every issue with its clock.
-- grain    one row per issue
-- params   none
-- repeat   read only
select
    'W' || i.issue_id as issue,
    e.source,
    e.event_key,
    r.clause,
    i.department,
    i.cause,
    i.raised_on,
    i.received_on,
    i.first_due_on as first_due,
    i.due_on as due,
    i.provisional,
    i.state,
    i.state_on,
    (select count(*) from response as p where p.issue_id = i.issue_id) as responses,
    (select string_agg(c.step, ' ' order by c.taken_on) from chase as c where c.issue_id = i.issue_id) as steps
from issue as i
inner join event as e on i.event_id = e.event_id
inner join rule as r on i.rule_id = r.rule_id
order by i.issue_id
