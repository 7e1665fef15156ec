-- Withdraw what earlier versions decided about events of a new version's days, unless something was handed out or recorded.
-- grain    one row per event, rule and round
-- params   pack_version_id int: the new version, on date
-- repeat   safe: what is withdrawn is left alone; the key refuses a second count of a stratum's batch, which is added to
with ahead as (
    select
        d.event_id,
        d.rule_id,
        d.round,
        d.quota_id,
        d.stratum,
        d.drawn,
        e.first_batch_id,
        r.draws and d.drawn is not null and d.outcome not in ('superseded', 'suppressed', 'out_of_scope')
        and not exists ( -- a customer is counted in plan/recount_customers
            select from draw_share as s
            where s.event_id = d.event_id and s.rule_id = d.rule_id
        ) as counted
    from pack_version as n
    inner join pack_version as v on n.pack = v.pack and n.effective_from > v.effective_from
    inner join rule as r on v.pack_version_id = r.pack_version_id
    inner join decision as d on r.rule_id = d.rule_id
    inner join event as e on d.event_id = e.event_id
    where
        n.pack_version_id = :pack_version_id
        and d.outcome <> 'superseded'
        and coalesce(e.starts_on, (e.happened_at at time zone v.time_zone)::date) >= n.effective_from
        and not exists (
            select from list_line as l
            inner join rule as o on l.rule_id = o.rule_id
            inner join pack_version as w on o.pack_version_id = w.pack_version_id
            where l.event_id = d.event_id and w.pack = n.pack
        )
        and not exists (
            select from record as p
            inner join rule as o on p.rule_id = o.rule_id
            inner join pack_version as w on o.pack_version_id = w.pack_version_id
            where p.event_id = d.event_id and w.pack = n.pack
        )
),

uncounted as (
    insert into draw (quota_id, stratum, batch_id, eligible, drawn, eligible_withdrawn, drawn_withdrawn, key_fingerprint)
    select
        quota_id,
        stratum,
        first_batch_id,
        0,
        0,
        count(*),
        count(*) filter (where drawn),
        ''
    from ahead
    where counted
    group by quota_id, stratum, first_batch_id
    on conflict (quota_id, stratum, batch_id) do update
    set
        eligible_withdrawn = draw.eligible_withdrawn + excluded.eligible_withdrawn,
        drawn_withdrawn = draw.drawn_withdrawn + excluded.drawn_withdrawn
),

withdrawn as (
    update decision as d
    set outcome = 'superseded', reason = 'reclassified', decided_on = :on
    from ahead as a
    where d.event_id = a.event_id and d.rule_id = a.rule_id and d.round = a.round
)

update task as t
set state = 'superseded', state_on = :on
from ahead as a
where
    t.event_id = a.event_id and t.rule_id = a.rule_id and t.round = a.round
    and t.state in ('planned', 'issued', 'signed', 'expired')
