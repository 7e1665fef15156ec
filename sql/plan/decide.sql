-- Write the decision of every applicable rule of every new event, also when the answer is no.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: a decision already taken is left alone
insert into decision (
    event_id, rule_id, round, outcome, reason, anchor_on, opens_on, due_on, provisional,
    quota_id, stratum, draw_position, drawn, decided_on
)
select
    c.event_id,
    c.rule_id,
    c.round,
    case
        when c.reason = 'condition' and c.due_on < :on then 'out_of_scope'
        else coalesce(c.outcome, case when w.drawn then 'due' else 'not_drawn' end)
    end,
    case
        when c.reason = 'condition' and c.due_on < :on then 'lapsed'
        else coalesce(c.reason, case when w.drawn then 'drawn' else 'not_drawn' end)
    end,
    c.anchor_on,
    c.opens_on,
    c.due_on,
    c.provisional,
    c.quota_id,
    c.stratum,
    w.draw_position,
    w.drawn,
    :on
from candidate as c
left join drawn as w on c.quota_id = w.quota_id and c.event_id = w.event_id and c.outcome is null
where c.is_new
order by c.event_id, c.rule_id, c.round
on conflict (event_id, rule_id, round) do nothing
