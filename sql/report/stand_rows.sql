-- Say of every decision of a pack whose anchor lies in a span of days how it stands at the cut-off.
-- grain    one row per metric, event, rule and round, in the temporary table `standing`
-- params   pack text, first date, last date, cut_off date, metrics text[], quotas text[],
--          planned boolean[]: whether the rate is of what was drawn only, customers boolean[]: whether customers are counted
-- repeat   safe: a temporary table
create temporary table standing on commit drop as
select
    m.metric,
    d.event_id,
    d.rule_id,
    d.round,
    d.anchor_on as counted_on,
    coalesce(e.department, '') as department,
    coalesce(e.area, '') as area,
    coalesce(d.drawn, d.outcome = 'due') as drawn,
    case when m.by_customer then e.customer end as customer,
    case
        when d.outcome in ('superseded', 'suppressed') then 'excused'
        when d.outcome = 'not_drawn' and m.planned then 'not_planned'
        when d.outcome = 'not_drawn' then 'not_drawn'
        when d.outcome = 'awaiting' then 'pending'
        when c.in_time then 'in_time'
        when c.event_id is not null then 'late'
        when d.due_on >= :cut_off then 'pending'
        else 'missed'
    end as standing
from decision as d
inner join rule as r on d.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
inner join quota as q on d.quota_id = q.quota_id
inner join unnest(
    cast(:metrics as text[]), cast(:quotas as text[]), cast(:planned as boolean[]), cast(:customers as boolean[])
) as m (metric, quota, planned, by_customer)
    on q.quota = m.quota
inner join event as e on d.event_id = e.event_id
left join lateral (
    select
        p.event_id,
        bool_or(p.visited_on <= d.due_on) as in_time
    from record as p
    where
        p.event_id = d.event_id and p.rule_id = d.rule_id and p.round = d.round
        and p.result = 'reached' and p.recorded_on <= :cut_off and p.visited_on >= d.opens_on
    group by p.event_id
) as c on true
where
    v.pack = :pack
    and d.anchor_on between :first and :last
    and d.outcome <> 'out_of_scope'
    and d.reason <> 'condition'
