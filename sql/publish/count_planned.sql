-- Count the calls that earlier lists proposed for the days from `on`, as far as they are not made yet.
-- grain    one row per person and day, and one per department and day
-- params   on date
-- repeat   read only
select
    l.lead_name,
    case when l.lead_name is null then f.department end as department,
    l.planned_on,
    count(distinct l.call_sheet) as calls
from list_line as l
inner join list as f on l.list_id = f.list_id
inner join task as t on l.event_id = t.event_id and l.rule_id = t.rule_id and l.round = t.round
where l.planned_on >= :on and t.state in ('issued', 'signed')
group by grouping sets ((l.lead_name, l.planned_on), (f.department, l.planned_on))
order by l.planned_on asc, l.lead_name asc, department asc
