-- Find the lines of a list by the number people see.
-- grain    one row per line
-- params   list_id bigint
-- repeat   read only
select
    'T' || l.event_id || '-' || l.rule_id || '-' || l.round as code,
    l.joint_department,
    t.opens_on,
    t.due_on
from list_line as l
inner join task as t using (event_id, rule_id, round)
where l.list_id = :list_id
