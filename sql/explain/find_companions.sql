-- Find the tasks that share a task's call sheet.
-- grain    one row per task, itself left out
-- params   event_id bigint, rule_id int, round int
-- repeat   read only
select
    'T' || o.event_id || '-' || o.rule_id || '-' || o.round as code,
    r.clause,
    r.name,
    t.opens_on,
    t.due_on
from list_line as l
inner join list_line as o on l.list_id = o.list_id and l.call_sheet = o.call_sheet
inner join task as t on o.event_id = t.event_id and o.rule_id = t.rule_id and o.round = t.round
inner join rule as r on o.rule_id = r.rule_id
where
    l.event_id = :event_id and l.rule_id = :rule_id and l.round = :round
    and (o.event_id, o.rule_id, o.round) <> (l.event_id, l.rule_id, l.round)
order by t.due_on, o.event_id, o.rule_id
