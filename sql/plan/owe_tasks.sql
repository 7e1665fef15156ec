-- Owe a task for every due decision of the new events.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   the key refuses a second task: only events that were never planned are written, under the pack's lock
insert into task (event_id, rule_id, round, customer, department, area, opens_on, due_on, state, state_on)
select
    d.event_id,
    d.rule_id,
    d.round,
    d.customer,
    d.department,
    d.area,
    d.opens_on,
    d.due_on,
    case when d.due_on < :on then 'expired' else 'planned' end,
    :on
from decided as d
where d.is_new and d.outcome = 'due'
