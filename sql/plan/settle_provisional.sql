-- Settle the response deadlines that rested on an unpublished year.
-- grain    one row per issue
-- params   calendar text, due_workdays int: where the pack has no number of its own
-- repeat   safe: a settled deadline is left alone
update issue as i
set due_on = t.day, first_due_on = t.day, provisional = t.provisional
from calendar_day as f
inner join calendar_day as t on f.calendar = t.calendar
cross join rule as r
inner join pack_version as v on r.pack_version_id = v.pack_version_id
where
    i.rule_id = r.rule_id
    and i.provisional
    and i.state = 'raised'
    and i.due_on = i.first_due_on
    and f.calendar = :calendar
    and f.day = i.received_on
    and t.is_workday
    and t.workday_number
    = f.workday_number + coalesce(split_part(v.definition -> 'on_result' ->> 'due', ' ', 1)::int, :due_workdays)
