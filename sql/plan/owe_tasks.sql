-- Owe a task for every due decision of the staged events.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: a task that is owed already is left alone
insert into task (event_id, rule_id, round, customer, department, area, opens_on, due_on, state, state_on)
select
    c.event_id,
    c.rule_id,
    c.round,
    c.customer,
    c.department,
    c.area,
    c.opens_on,
    c.due_on,
    case when c.due_on < :on then 'expired' else 'planned' end,
    :on
from candidate as c
left join drawn as w on c.quota_id = w.quota_id and c.event_id = w.event_id and c.outcome is null
where c.is_new and (c.outcome = 'due' or w.drawn)
order by c.event_id, c.rule_id, c.round
on conflict (event_id, rule_id, round) do nothing
