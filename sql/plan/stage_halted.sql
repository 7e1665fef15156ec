-- Stage the duties that come again and now end, because an event of `until` happened to the customer, or go on without it.
-- grain    one row per event, rule and round
-- params   none
-- repeat   safe: a stage of this run alone, under the pack's lock
create unlogged table halted as
with arrived as ( -- a corrected event also touches whom it was about before
    select
        e.customer,
        e.line,
        e.kind,
        t.pack_version_id
    from todo as t
    inner join event as e on t.batch_id = e.batch_id
    union all
    select
        o.customer,
        o.line,
        o.kind,
        t.pack_version_id
    from todo as t
    inner join event as e on t.batch_id = e.batch_id and e.first_batch_id <> e.batch_id
    inner join event_version as o on e.event_id = o.event_id
),

touched as (
    select distinct
        a.customer,
        a.line
    from arrived as a
    inner join rule as r
        on a.pack_version_id = r.pack_version_id and r.recurs and (a.kind = r.kind or a.kind = any(r.recur_until))
    where a.customer is not null
),

round as (
    select
        d.event_id,
        d.rule_id,
        d.round,
        d.outcome,
        d.reason,
        d.round <> r.round as follows,
        exists(
            select from event as o
            where
                o.customer = e.customer
                and o.line = e.line
                and o.kind = any(r.recur_until)
                and not o.cancelled
                and o.happened_at > e.happened_at
        ) as stopped
    from touched as g
    inner join event as e on g.customer = e.customer and g.line = e.line
    inner join decision as d on e.event_id = d.event_id
    inner join rule as r on d.rule_id = r.rule_id and r.recurs and r.after_issue is null
        and r.pack_version_id in (select t.pack_version_id from todo as t)
    where not exists (
        select from record as p
        where p.event_id = d.event_id and p.rule_id = d.rule_id and p.round = d.round and p.result = 'reached'
    )
)

select
    event_id,
    rule_id,
    round,
    case when stopped then 'superseded' else 'due' end as outcome,
    case when stopped then 'stopped' when follows then 'recurring' else 'census' end as reason,
    null::date as anchor_on,
    null::date as opens_on,
    null::date as due_on
from round
where case when stopped then outcome = 'due' else reason = 'stopped' end
