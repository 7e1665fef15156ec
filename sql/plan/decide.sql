-- Write the decision of every applicable rule of every new event, also when the answer is no; count them.
-- grain    one row per outcome
-- params   on date
-- repeat   the key refuses a second decision: only events that were never planned are written, under the pack's lock
with written as (
    insert into decision (
        event_id, rule_id, round, outcome, reason, anchor_on, opens_on, due_on, provisional,
        quota_id, stratum, draw_position, drawn, decided_on
    )
    select
        event_id,
        rule_id,
        round,
        case when reason = 'condition' and due_on < :on then 'out_of_scope' else outcome end,
        case when reason = 'condition' and due_on < :on then 'lapsed' else reason end,
        anchor_on,
        opens_on,
        due_on,
        provisional,
        quota_id,
        stratum,
        draw_position,
        drawn,
        :on
    from decided
    where is_new
    returning outcome
)

select
    outcome,
    count(*) as decisions
from written
group by outcome
order by outcome
