-- Settle tasks by their records: done in the window, late, or not reached.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: an equal task is left alone
update task as t
set state = n.state, state_on = :on
from (
    select
        r.event_id,
        r.rule_id,
        r.round,
        case
            when bool_or(r.result = 'reached' and r.visited_on <= o.due_on) then 'done'
            when bool_or(r.result = 'reached') then 'late'
            else 'unreached'
        end as state
    from record as r
    inner join task as o using (event_id, rule_id, round)
    where o.state not in ('done', 'superseded') and r.visited_on >= o.opens_on
    group by r.event_id, r.rule_id, r.round
) as n
where
    t.event_id = n.event_id and t.rule_id = n.rule_id and t.round = n.round
    and t.state <> n.state
    and (n.state <> 'unreached' or t.due_on < :on)
