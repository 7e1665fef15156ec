-- Complete the staged windows that a rule counts in working days.
-- grain    one row per event, applicable rule and round
-- params   calendar text
-- repeat   safe: a stage of this run alone, under the pack's lock
update candidate as c
set
    opens_on = coalesce(c.opens_on, opens.day),
    due_on = coalesce(c.due_on, due.day),
    provisional = coalesce(opens.provisional, false) or coalesce(due.provisional, false)
from rule as r
cross join calendar_day as f
left join calendar_day as opens
    on f.calendar = opens.calendar and opens.is_workday and opens.workday_number = f.workday_number + r.opens_workdays
left join calendar_day as due
    on f.calendar = due.calendar and due.is_workday and due.workday_number = f.workday_number + r.due_workdays
where
    c.rule_id = r.rule_id
    and (r.opens_workdays is not null or r.due_workdays is not null)
    and f.calendar = :calendar
    and f.day = c.anchor_on
