-- Move the staged windows of rules that roll from a rest day to the next working day (Civil Code art. 203).
-- grain    one row per event, applicable rule and round
-- params   calendar text
-- repeat   safe: a stage of this run alone, under the pack's lock; a day beyond the calendar stays, and is provisional
update candidate as c
set due_on = coalesce(next.day, c.due_on), provisional = c.provisional or coalesce(due.provisional or next.provisional, true)
from candidate as o
inner join rule as r on o.rule_id = r.rule_id
left join calendar_day as due on due.calendar = :calendar and o.due_on = due.day
left join calendar_day as next
    on due.calendar = next.calendar and next.is_workday
    and next.workday_number = due.workday_number + case when due.is_workday then 0 else 1 end
where r.rolls and c.event_id = o.event_id and c.rule_id = o.rule_id and c.round = o.round and c.due_on is not null
