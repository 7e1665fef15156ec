-- Decide again for events that were corrected: new windows, withdrawn or restored duties. What was drawn stays drawn.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: an equal decision is left alone
insert into decision as old (
    event_id, rule_id, round, outcome, reason, anchor_on, opens_on, due_on, provisional, quota_id, stratum,
    draw_position, drawn, decided_on
)
select
    c.event_id,
    c.rule_id,
    c.round,
    case when c.reason = 'condition' and c.due_on < :on then 'out_of_scope' else c.outcome end,
    case when c.reason = 'condition' and c.due_on < :on then 'lapsed' else c.reason end,
    c.anchor_on,
    c.opens_on,
    c.due_on,
    c.provisional,
    c.quota_id,
    c.stratum,
    c.draw_position,
    c.drawn,
    :on
from decided as c
where not c.is_new
order by c.event_id, c.rule_id, c.round
on conflict (event_id, rule_id, round) do update
set
    outcome = case
        when excluded.outcome in ('superseded', 'suppressed', 'out_of_scope') and excluded.reason <> 'lapsed' then excluded.outcome
        when old.drawn then 'due'
        when not old.drawn then 'not_drawn'
        when old.reason = 'condition_met' and excluded.reason in ('condition', 'lapsed') then old.outcome
        else excluded.outcome
    end,
    reason = case
        when excluded.outcome in ('superseded', 'suppressed', 'out_of_scope') and excluded.reason <> 'lapsed' then excluded.reason
        when old.drawn then 'drawn'
        when not old.drawn then 'not_drawn'
        when old.reason = 'condition_met' and excluded.reason in ('condition', 'lapsed') then old.reason
        else excluded.reason
    end,
    quota_id = case when old.drawn is null then excluded.quota_id else old.quota_id end,
    stratum = case when old.drawn is null then excluded.stratum else old.stratum end,
    draw_position = coalesce(old.draw_position, excluded.draw_position),
    drawn = coalesce(old.drawn, excluded.drawn),
    anchor_on = excluded.anchor_on,
    opens_on = excluded.opens_on,
    due_on = excluded.due_on,
    provisional = excluded.provisional,
    decided_on = excluded.decided_on
where
    (old.outcome, old.reason, old.anchor_on, old.opens_on, old.due_on, old.provisional, old.quota_id, old.stratum)
    is distinct from
    (
        case
            when excluded.outcome in ('superseded', 'suppressed', 'out_of_scope') and excluded.reason <> 'lapsed' then excluded.outcome
            when old.drawn then 'due'
            when not old.drawn then 'not_drawn'
            when old.reason = 'condition_met' and excluded.reason in ('condition', 'lapsed') then old.outcome
            else excluded.outcome
        end,
        case
            when excluded.outcome in ('superseded', 'suppressed', 'out_of_scope') and excluded.reason <> 'lapsed' then excluded.reason
            when old.drawn then 'drawn'
            when not old.drawn then 'not_drawn'
            when old.reason = 'condition_met' and excluded.reason in ('condition', 'lapsed') then old.reason
            else excluded.reason
        end,
        excluded.anchor_on, excluded.opens_on, excluded.due_on, excluded.provisional,
        case when old.drawn is null then excluded.quota_id else old.quota_id end,
        case when old.drawn is null then excluded.stratum else old.stratum end
    )
