-- Withdraw duties that were owed for a repetition that is none; one that was handed out, or asked for by a record, stays.
-- grain    one row per event, rule and round
-- params   event_ids bigint[], rule_ids int[], rounds int[]: whose repetition is gone, on date
-- repeat   safe: a withdrawn duty is left alone
with gone as (
    update task as t
    set state = 'superseded', state_on = :on
    from
        unnest(cast(:event_ids as bigint[]), cast(:rule_ids as int[]), cast(:rounds as int[])) as w (event_id, rule_id, round),
        rule as r
    where
        t.event_id = w.event_id and t.rule_id = w.rule_id and t.round = w.round
        and r.rule_id = t.rule_id
        and t.state in ('planned', 'expired')
        and not exists (
            select from list_line as l
            where l.event_id = t.event_id and l.rule_id = t.rule_id and l.round = t.round
        )
        and not exists (
            select from record as p
            inner join rule as f on p.rule_id = f.rule_id
            where
                p.event_id = t.event_id and f.pack_version_id = r.pack_version_id
                and (
                    (f.rule_id = t.rule_id and p.round = t.round)
                    or (
                        f.rule = r.first_rule and p.recorded_on <= t.due_on
                        and (
                            ('unsatisfactory' = any(r.conditions) and p.unsatisfactory)
                            or ('flagged' = any(r.conditions) and p.second_visit_wanted)
                        )
                    )
                )
        )
    returning t.event_id, t.rule_id, t.round
)

update decision as d
set outcome = 'awaiting', reason = 'condition', decided_on = :on
from gone as g
where
    d.event_id = g.event_id and d.rule_id = g.rule_id and d.round = g.round
    and d.reason = 'condition_met'
returning
    d.event_id,
    d.rule_id,
    d.round
