-- Settle the response deadlines that rested on an unpublished year.
-- grain    one row per issue
-- params   calendar text, due_workdays int
-- repeat   safe: a settled deadline is left alone
update issue as i
set due_on = t.day, first_due_on = t.day, provisional = t.provisional
from calendar_day as f
inner join calendar_day as t on f.calendar = t.calendar
where
    i.provisional
    and i.state = 'raised'
    and i.due_on = i.first_due_on
    and f.calendar = :calendar
    and f.day = i.received_on
    and t.is_workday
    and t.workday_number = f.workday_number + :due_workdays
