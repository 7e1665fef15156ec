-- Mark the tasks of a list as signed for.
-- grain    one row per task
-- params   list_id bigint, on date
-- repeat   safe
update task as t
set state = 'signed', state_on = :on
from list_line as l
where
    l.list_id = :list_id
    and t.event_id = l.event_id and t.rule_id = l.rule_id and t.round = l.round
    and t.state = 'issued'
