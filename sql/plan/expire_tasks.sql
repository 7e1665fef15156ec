-- Mark tasks whose window ended without a contact. They stay visible and can still be done late.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: an expired task is left alone
update task
set state = 'expired', state_on = :on
where state in ('planned', 'issued', 'signed') and due_on < :on
