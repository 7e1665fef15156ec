-- Find the lines of a list by the number people see.
-- grain    one row per line
-- params   list_id bigint
-- repeat   read only
select
    'T' || l.event_id || '-' || l.rule_id || '-' || l.round as code,
    l.joint_department,
    l.channels,
    v.pack,
    v.pack_version_id,
    r.rule,
    e.attributes,
    e.severity,
    e.department,
    e.area,
    t.opens_on,
    t.due_on,
    c.attributes as customer_attributes
from list_line as l
inner join task as t using (event_id, rule_id, round)
inner join event as e on t.event_id = e.event_id
inner join rule as r on t.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
left join customer as c on t.customer = c.customer
where l.list_id = :list_id
