-- Find the unsatisfactory contacts of a span of days.
-- grain    one row per task
-- params   pack text, first date, last date, cut_off date
-- repeat   read only
select distinct on (p.event_id, p.rule_id, p.round)
    p.event_id,
    p.rule_id,
    p.round,
    r.clause,
    coalesce(a.name, e.area, '') as area,
    coalesce(d.name, e.department, '') as department,
    p.visited_on,
    coalesce(e.subject, e.matter, '') as cause,
    coalesce(i.state, 'none') as state
from record as p
inner join rule as r on p.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
inner join event as e on p.event_id = e.event_id
left join area as a on e.area = a.area
left join department as d on e.department = d.department
left join issue as i on p.event_id = i.event_id and p.rule_id = i.rule_id and p.round = i.round
where v.pack = :pack and p.unsatisfactory and p.visited_on between :first and :last and p.recorded_on <= :cut_off
order by p.event_id, p.rule_id, p.round, p.record_id
