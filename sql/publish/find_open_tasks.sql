-- Find what may go on a list: tasks not handed out yet, with everything a line says.
-- grain    one row per task; tasks that open later only for customers who have one that is open now
-- params   on date, horizon date, overdue_since date, event_id bigint: only of this event and its customer; none for all
-- repeat   read only
select
    t.event_id,
    t.rule_id,
    t.round,
    t.customer,
    t.opens_on,
    t.due_on,
    t.state,
    e.department,
    e.area,
    e.severity,
    e.matter,
    e.subject,
    e.attributes,
    coalesce(e.starts_on, (e.happened_at at time zone v.time_zone)::date) as happened_on,
    e.ends_on,
    a.name as area_name,
    a.department as area_department,
    a.administrator,
    c.name as customer_name,
    c.phone,
    c.address,
    c.attributes as customer_attributes,
    v.pack,
    v.pack_version_id,
    r.rule,
    r.anchor,
    d.anchor_on,
    d.reason,
    case when d.reason = 'substitute' then (
        select s.reason from substitution as s
        inner join rule as w on s.rule_in = w.rule_id
        where s.event_in = d.event_id and w.quota_id = d.quota_id and w.kind = r.kind
    ) end as replaces,
    d.draw_position,
    d.stratum,
    d.provisional,
    q.numerator,
    q.denominator
from task as t
inner join decision as d using (event_id, rule_id, round)
inner join event as e on t.event_id = e.event_id
inner join rule as r on t.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
left join quota as q on d.quota_id = q.quota_id
left join area as a on e.area = a.area
left join customer as c on t.customer = c.customer
where
    t.opens_on <= :horizon
    and (
        cast(:event_id as bigint) is null
        or t.event_id = :event_id
        or t.customer = (select o.customer from event as o where o.event_id = :event_id)
    )
    and (t.state = 'planned' or (t.state = 'expired' and t.due_on >= :overdue_since))
    and not exists (
        select from list_line as l
        where l.event_id = t.event_id and l.rule_id = t.rule_id and l.round = t.round
    )
order by t.due_on, t.event_id, t.rule_id, t.round
