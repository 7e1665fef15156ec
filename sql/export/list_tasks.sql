-- List every decision with what became of it.
-- grain    one row per event, rule and round
-- params   none
-- repeat   read only
select
    e.source,
    e.event_key,
    e.kind,
    v.pack,
    v.pack_version_id,
    e.matter,
    v.document_code || ' ' || v.revision || ' ' || v.effective_from as pack_version,
    r.clause,
    d.round,
    d.outcome,
    d.reason,
    d.opens_on as opens,
    d.due_on as due,
    coalesce(a.department, e.department) as department,
    r.rule,
    e.severity,
    e.department as event_department,
    e.area,
    e.attributes,
    d.stratum,
    d.draw_position,
    t.state,
    l.lead_role as role
from decision as d
inner join event as e on d.event_id = e.event_id
inner join rule as r on d.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
left join area as a on e.area = a.area
left join task as t on d.event_id = t.event_id and d.rule_id = t.rule_id and d.round = t.round
left join list_line as l on d.event_id = l.event_id and d.rule_id = l.rule_id and d.round = l.round
order by e.source, e.event_key, v.pack, r.clause, r.rule, d.round
