-- Decide again for events that were corrected: new windows, withdrawn or restored duties. What was drawn stays drawn.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: an equal decision is left alone
with said as (
    select
        c.event_id,
        c.rule_id,
        c.round,
        case when c.reason = 'condition' and c.due_on < :on then 'out_of_scope' else c.outcome end as outcome,
        case when c.reason = 'condition' and c.due_on < :on then 'lapsed' else c.reason end as reason,
        c.outcome in ('superseded', 'suppressed', 'out_of_scope') as gone,
        c.reason = 'condition' and o.reason = 'condition_met' as met,
        c.anchor_on,
        c.opens_on,
        c.due_on,
        c.provisional,
        case when o.drawn is null then c.quota_id else o.quota_id end as quota_id,
        case when o.drawn is null then c.stratum else o.stratum end as stratum,
        coalesce(o.draw_position, c.draw_position) as draw_position,
        coalesce(o.drawn, c.drawn) as drawn,
        o.drawn as drawn_before,
        o.drawn and exists (
            select from substitution as s
            inner join rule as w on s.rule_in = w.rule_id
            inner join rule as r on w.quota_id = r.quota_id and w.kind = r.kind
            where s.event_in = c.event_id and r.rule_id = c.rule_id
        ) as entered,
        not o.drawn and exists (
            select from substitution as s
            inner join rule as w on s.rule_out = w.rule_id
            inner join rule as r on w.quota_id = r.quota_id and w.kind = r.kind
            where s.event_out = c.event_id and r.rule_id = c.rule_id
        ) as gave_place
    from decided as c
    left join decision as o on c.event_id = o.event_id and c.rule_id = o.rule_id and c.round = o.round
    where not c.is_new
)

insert into decision as old (
    event_id, rule_id, round, outcome, reason, anchor_on, opens_on, due_on, provisional, quota_id, stratum,
    draw_position, drawn, decided_on
)
select
    event_id,
    rule_id,
    round,
    case
        when gone then outcome
        when drawn_before then 'due'
        when not drawn_before then 'not_drawn'
        when met then 'due'
        else outcome
    end,
    case
        when gone then reason
        when entered then 'substitute'
        when gave_place then 'substituted'
        when drawn_before then 'drawn'
        when not drawn_before then 'not_drawn'
        when met then 'condition_met'
        else reason
    end,
    anchor_on,
    opens_on,
    due_on,
    provisional,
    quota_id,
    stratum,
    draw_position,
    drawn,
    :on
from said
order by event_id, rule_id, round
on conflict (event_id, rule_id, round) do update
set
    outcome = excluded.outcome,
    reason = excluded.reason,
    anchor_on = excluded.anchor_on,
    opens_on = excluded.opens_on,
    due_on = excluded.due_on,
    provisional = excluded.provisional,
    quota_id = excluded.quota_id,
    stratum = excluded.stratum,
    draw_position = excluded.draw_position,
    drawn = excluded.drawn,
    decided_on = excluded.decided_on
where
    (old.outcome, old.reason, old.anchor_on, old.opens_on, old.due_on, old.provisional, old.quota_id, old.stratum, old.drawn)
    is distinct from (
        excluded.outcome, excluded.reason, excluded.anchor_on, excluded.opens_on, excluded.due_on, excluded.provisional,
        excluded.quota_id, excluded.stratum, excluded.drawn
    )
