-- Find who took part in a draw with one batch, in the order in which they were placed; a customer who is counted once, by the
-- event that came first.
-- grain    one row per event, or per customer
-- params   quota_id int, stratum text, batch_id bigint
-- repeat   read only
with arrived as ( -- what came with the batch, and what did so first and was corrected since: two look-ups, not a scan
    select o.* from event as o
    where o.batch_id = :batch_id and o.first_batch_id = o.batch_id
    union all
    select o.* from event as o
    where o.first_batch_id = :batch_id and o.first_batch_id <> o.batch_id
)

select
    e.source,
    e.event_key,
    s.customer,
    d.draw_position,
    q.completes_year and exists (
        select from event as o
        inner join decision as w on o.event_id = w.event_id and d.quota_id = w.quota_id and w.drawn
        cross join lateral (
            select
                coalesce(o.starts_on, (o.happened_at at time zone v.time_zone)::date) as earlier_on,
                coalesce(e.starts_on, (e.happened_at at time zone v.time_zone)::date) as event_on
        ) as c
        where
            e.customer = o.customer
            and o.first_batch_id < e.first_batch_id
            and c.earlier_on < c.event_on
            and date_trunc('year', c.earlier_on) = date_trunc('year', c.event_on)
    ) as drawn_before
from arrived as e
inner join decision as d on e.event_id = d.event_id
inner join rule as r on d.rule_id = r.rule_id and r.draws
inner join pack_version as v on r.pack_version_id = v.pack_version_id
inner join quota as q on d.quota_id = q.quota_id
left join draw_share as s on d.event_id = s.event_id and d.rule_id = s.rule_id
where
    d.quota_id = :quota_id and d.stratum = :stratum and d.draw_position is not null
    and s.leads is not false
order by d.draw_position
