-- Settle the windows that rested on an unpublished year, of decisions and of tasks that are still open.
-- grain    one row per event, rule and round
-- params   calendar text, on date
-- repeat   safe: a settled window is left alone; one that a date agreed with the customer may have shortened stays
with counted as (
    select
        d.event_id,
        d.rule_id,
        d.round,
        d.anchor_on,
        case when r.recurs and d.round <> r.round then d.opens_on else coalesce(opens.day, d.opens_on) end as opens_on,
        coalesce(due.day, d.due_on) as due_on,
        coalesce(opens.provisional, false) or coalesce(due.provisional, false) as provisional
    from decision as d
    inner join rule as r on d.rule_id = r.rule_id
    inner join calendar_day as f on d.anchor_on = f.day and f.calendar = :calendar
    left join calendar_day as opens
        on f.calendar = opens.calendar and opens.is_workday and opens.workday_number = f.workday_number + r.opens_workdays
    left join calendar_day as due
        on f.calendar = due.calendar and due.is_workday
        and due.workday_number
        = f.workday_number + case when r.recurs and d.round <> r.round then r.recur_workdays else r.due_workdays end
    where d.provisional and not (r.recur_agreed and d.round <> r.round)
),

settled as (
    update decision as d
    set opens_on = c.opens_on, due_on = c.due_on, provisional = c.provisional
    from counted as c
    where d.event_id = c.event_id and d.rule_id = c.rule_id and d.round = c.round
    returning d.event_id, d.rule_id, d.round, d.opens_on, d.due_on
)

update task as t
set
    opens_on = s.opens_on,
    due_on = s.due_on,
    state = case
        when t.state = 'expired' and s.due_on >= :on then
            case when exists (
                select from list_line as l
                where l.event_id = t.event_id and l.rule_id = t.rule_id and l.round = t.round
            ) then 'issued' else 'planned' end
        when t.state in ('planned', 'issued', 'signed') and s.due_on < :on then 'expired'
        else t.state
    end,
    state_on = :on
from settled as s
where
    t.event_id = s.event_id and t.rule_id = s.rule_id and t.round = s.round
    and t.state in ('planned', 'issued', 'signed', 'expired')
    and (t.opens_on, t.due_on) is distinct from (s.opens_on, s.due_on)
