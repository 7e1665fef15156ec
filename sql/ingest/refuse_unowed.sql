-- Refuse earlier records for which no task is owed.
-- grain    one row per staged row
-- params   none
-- repeat   safe: works on the stage
update staged as s
set reasons = array['of_event: no task is owed for this event under the clause']
where
    s.reasons is null
    and not exists (
        select
        from event as e
        inner join task as t on e.event_id = t.event_id and t.state <> 'superseded'
        inner join rule as r on t.rule_id = r.rule_id
        where e.source = s.of_source and e.event_key = s.of_event and r.clause = s.clause
    )
