-- Stage the events of some lines and kinds whose day lies in a period, as a simulation needs them: days counted from 1970.
-- grain    one row per event
-- params   kinds text[], lines text[], first date, last date, names text[]: attributes wanted, zone text, home text: department
-- repeat   safe: a stage of this transaction alone
create temporary table simulated on commit drop as
select
    e.event_id,
    e.kind,
    d.completed_on - date '1970-01-01' as day,
    coalesce(e.starts_on, d.completed_on) - date '1970-01-01' as starts,
    coalesce(e.ends_on, e.starts_on, d.completed_on) - date '1970-01-01' as ends,
    e.customer,
    coalesce(a.department, e.department, :home) as visiting,
    e.severity,
    e.department,
    e.area,
    e.matter,
    coalesce(w.said, '{}') as said
from event as e
cross join lateral (select (e.happened_at at time zone :zone)::date as completed_on) as d
left join area as a on e.area = a.area
left join lateral (
    select jsonb_object_agg(o.key, o.value)::text as said
    from jsonb_each(e.attributes) as o
    where o.key = any(cast(:names as text[]))
) as w on cardinality(cast(:names as text[])) > 0
where
    e.kind = any(cast(:kinds as text[]))
    and e.line = any(cast(:lines as text[]))
    and not e.cancelled
    and coalesce(e.starts_on, d.completed_on) between :first and :last
order by e.event_id
