-- Stage the duties that come again while an issue is open and now end, because it is solved, or go on with a new one.
-- grain    one row per event, rule and round; `anchor_on` where a new issue starts the window anew
-- params   calendar text
-- repeat   safe: a stage of this run alone, under the planner's lock
create unlogged table halted as
with told as (
    select
        i.event_id,
        f.pack_version_id,
        bool_and(i.state = 'solved') as solved,
        min(i.raised_on) filter (where i.state <> 'solved') as raised_on
    from issue as i
    inner join rule as f on i.rule_id = f.rule_id
    where f.pack_version_id in (select r.pack_version_id from rule as r where r.after_issue = 'open')
    group by i.event_id, f.pack_version_id
),

changed as (
    select
        d.event_id,
        d.rule_id,
        d.round,
        r.opens_days,
        r.opens_months,
        r.opens_workdays,
        r.due_days,
        r.due_months,
        r.due_workdays,
        r.rolls,
        case when t.solved then 'superseded' else 'due' end as outcome,
        case when t.solved then 'stopped' when d.round <> r.round then 'recurring' else 'followed' end as reason,
        case when not t.solved and t.raised_on > d.anchor_on then t.raised_on end as anchor_on
    from told as t
    inner join rule as r on t.pack_version_id = r.pack_version_id and r.after_issue = 'open'
    inner join decision as d on t.event_id = d.event_id and r.rule_id = d.rule_id
    where
        case when t.solved then d.outcome = 'due' else d.reason = 'stopped' end
        and not exists (
            select from record as p
            where p.event_id = d.event_id and p.rule_id = d.rule_id and p.round = d.round and p.result = 'reached'
        )
)

select
    c.event_id,
    c.rule_id,
    c.round,
    c.outcome,
    c.reason,
    c.anchor_on,
    coalesce(
        c.anchor_on + c.opens_days, (c.anchor_on + make_interval(months => c.opens_months))::date, opens.day
    ) as opens_on,
    coalesce(next.day, n.due_on) as due_on
from changed as c
left join calendar_day as f on f.calendar = :calendar and c.anchor_on = f.day
left join calendar_day as opens
    on f.calendar = opens.calendar and opens.is_workday and opens.workday_number = f.workday_number + c.opens_workdays
left join calendar_day as due
    on f.calendar = due.calendar and due.is_workday and due.workday_number = f.workday_number + c.due_workdays
cross join lateral (
    select
        coalesce(c.anchor_on + c.due_days, (c.anchor_on + make_interval(months => c.due_months))::date, due.day) as due_on
) as n
left join calendar_day as ends on c.rolls and ends.calendar = :calendar and n.due_on = ends.day
left join calendar_day as next -- one that rolls does not end on a rest day
    on ends.calendar = next.calendar and next.is_workday
    and next.workday_number = ends.workday_number + case when ends.is_workday then 0 else 1 end
