-- Stage the duties that come again while an issue is open and now end, because it is solved, or go on with a new one.
-- grain    one row per event, rule and round
-- params   none
-- repeat   safe: a stage of this run alone, under the planner's lock
create unlogged table halted as
with told as (
    select
        i.event_id,
        f.pack_version_id,
        bool_and(i.state = 'solved') as solved
    from issue as i
    inner join rule as f on i.rule_id = f.rule_id
    group by i.event_id, f.pack_version_id
)

select
    d.event_id,
    d.rule_id,
    d.round,
    case when t.solved then 'superseded' else 'due' end as outcome,
    case when t.solved then 'stopped' when d.round <> r.round then 'recurring' else 'followed' end as reason
from told as t
inner join rule as r on t.pack_version_id = r.pack_version_id and r.after_issue = 'open'
inner join decision as d on t.event_id = d.event_id and r.rule_id = d.rule_id
where
    case when t.solved then d.outcome = 'due' else d.reason = 'stopped' end
    and not exists (
        select from record as p
        where p.event_id = d.event_id and p.rule_id = d.rule_id and p.round = d.round and p.result = 'reached'
    )
