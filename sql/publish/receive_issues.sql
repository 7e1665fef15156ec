-- Start the department's clock for issues it is handed for the first time.
-- grain    one row per issue
-- params   issues bigint[], on date, due_on date, provisional boolean
-- repeat   safe: a clock that runs is left alone
update issue
set received_on = :on, due_on = :due_on, first_due_on = :due_on, provisional = :provisional
where issue_id = any(:issues) and received_on is null
