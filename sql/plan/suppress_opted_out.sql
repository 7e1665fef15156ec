-- Suppress open duties of customers who have since asked not to be contacted. The duty stays visible with its reason.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: a suppressed decision is left alone
with silenced as (
    update decision as d
    set outcome = 'suppressed', reason = 'do_not_contact', decided_on = :on
    from task as t
    inner join customer as c on t.customer = c.customer and c.do_not_contact
    where
        t.state in ('planned', 'issued', 'signed')
        and d.event_id = t.event_id and d.rule_id = t.rule_id and d.round = t.round
        and d.outcome = 'due'
    returning d.event_id, d.rule_id, d.round
)

update task as t
set state = 'superseded', state_on = :on
from silenced as s
where t.event_id = s.event_id and t.rule_id = s.rule_id and t.round = s.round
