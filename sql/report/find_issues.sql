-- Find the issues of a pack that are not solved at the cut-off.
-- grain    one row per issue
-- params   pack text, cut_off date
-- repeat   read only
select
    i.issue_id,
    coalesce(d.name, i.department) as department,
    i.cause,
    i.raised_on,
    coalesce(i.due_on, i.raised_on) as due_on,
    i.state,
    coalesce(i.due_on <> i.first_due_on, false) as extended
from issue as i
inner join rule as r on i.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
left join department as d on i.department = d.department
where v.pack = :pack and i.raised_on <= :cut_off and not (i.state = 'solved' and i.state_on <= :cut_off)
order by due_on, i.issue_id
