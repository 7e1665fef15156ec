-- Find the lines handed out lately that have no record of a contact yet.
-- grain    one row per line
-- params   since date
-- repeat   read only
select
    f.batch_code,
    f.file_name,
    f.issued_on,
    f.department,
    'T' || l.event_id || '-' || l.rule_id || '-' || l.round as code,
    l.lead_name,
    l.joint_department,
    e.event_key,
    coalesce(e.area, '') as area,
    r.clause,
    v.pack,
    t.opens_on
from list as f
inner join list_line as l on f.list_id = l.list_id
inner join task as t using (event_id, rule_id, round)
inner join event as e on l.event_id = e.event_id
inner join rule as r on l.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
where f.issued_on >= :since and t.state <> 'superseded'
order by f.batch_code, l.line
