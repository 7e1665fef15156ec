-- Write the decisions that records and solved issues ask for.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe
insert into decision (
    event_id, rule_id, round, outcome, reason, anchor_on, opens_on, due_on, provisional, decided_on
)
select
    event_id,
    rule_id,
    round,
    case when silent then 'suppressed' else 'due' end,
    case when silent then 'do_not_contact' when recurs then 'recurring' else 'followed' end,
    anchor_on,
    opens_on,
    due_on,
    provisional,
    :on
from followed
on conflict (event_id, rule_id, round) do nothing
