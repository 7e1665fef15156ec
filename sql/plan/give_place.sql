-- Give a place in a draw to its substitute, as the log says. The ledger keeps what the lot drew: its sum does not change.
-- grain    one row per event, rule of the draw and round
-- params   substitution_id bigint, on date
-- repeat   safe: a place that was given already, or that nobody holds any longer, is left alone
with given as (
    select
        s.event_out,
        w.kind as kind_out,
        s.event_in,
        t.kind as kind_in,
        s.quota_id
    from substitution as s
    inner join rule as w on s.rule_out = w.rule_id
    inner join rule as t on s.rule_in = t.rule_id
    inner join decision as o on s.event_out = o.event_id and s.rule_out = o.rule_id and o.drawn
    inner join decision as i on s.event_in = i.event_id and s.rule_in = i.rule_id and not i.drawn
    where s.substitution_id = :substitution_id
),

changed as (
    select
        event_out as event_id,
        kind_out as kind,
        quota_id,
        false as drawn
    from given
    union all
    select
        event_in,
        kind_in,
        quota_id,
        true
    from given
)

update decision as d
set
    outcome = case
        when d.outcome in ('superseded', 'suppressed', 'out_of_scope') then d.outcome
        when c.drawn then 'due'
        else 'not_drawn'
    end,
    reason = case
        when d.outcome in ('superseded', 'suppressed', 'out_of_scope') then d.reason
        when c.drawn then 'substitute'
        else 'substituted'
    end,
    drawn = c.drawn,
    decided_on = :on
from changed as c, rule as r
where
    r.quota_id = c.quota_id and r.kind = c.kind
    and d.event_id = c.event_id and d.rule_id = r.rule_id and d.drawn is not null
