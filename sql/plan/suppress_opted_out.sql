-- Suppress open duties of customers who have since asked not to be contacted. The duty stays visible with its reason; an event
-- that was drawn leaves its stratum's count. The places of customers are counted when their events are looked at again.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: a suppressed decision is left alone
with silenced as (
    update decision as d
    set outcome = 'suppressed', reason = 'do_not_contact', decided_on = :on
    from task as t
    inner join customer as c on t.customer = c.customer and c.do_not_contact
    where
        t.state in ('planned', 'issued', 'signed')
        and d.event_id = t.event_id and d.rule_id = t.rule_id and d.round = t.round
        and d.outcome = 'due'
    returning d.event_id, d.rule_id, d.round, d.quota_id, d.stratum, d.drawn
),

leaving as (
    insert into draw (quota_id, stratum, batch_id, eligible, drawn, eligible_withdrawn, drawn_withdrawn, key_fingerprint)
    select
        s.quota_id,
        s.stratum,
        e.first_batch_id,
        0,
        0,
        count(*),
        count(*) filter (where s.drawn),
        ''
    from silenced as s
    inner join rule as r on s.rule_id = r.rule_id and r.draws
    inner join quota as q on s.quota_id = q.quota_id and q.unit <> 'customer'
    inner join event as e on s.event_id = e.event_id
    where s.drawn is not null
    group by s.quota_id, s.stratum, e.first_batch_id
    on conflict (quota_id, stratum, batch_id) do update
    set
        eligible_withdrawn = draw.eligible_withdrawn + excluded.eligible_withdrawn,
        drawn_withdrawn = draw.drawn_withdrawn + excluded.drawn_withdrawn
)

update task as t
set state = 'superseded', state_on = :on
from silenced as s
where t.event_id = s.event_id and t.rule_id = s.rule_id and t.round = s.round
