-- Stage the events that enter a draw that counts customers: a customer's first one leads, the others will share its place.
-- grain    one row per event and rule that draws
-- params   pack_version_id int
-- repeat   safe: a stage of this run alone, under the pack's lock
create unlogged table sharing as
with entrant as (
    select
        c.event_id,
        c.rule_id,
        c.quota_id,
        c.stratum,
        false as settled
    from candidate as c
    inner join quota as q on c.quota_id = q.quota_id and q.unit = 'customer'
    left join decision as d on c.event_id = d.event_id and c.rule_id = d.rule_id and c.round = d.round
    where c.rank is not null and c.reason is null and c.customer is not null and d.drawn is null
    union all
    select
        d.event_id,
        d.rule_id,
        d.quota_id,
        d.stratum,
        true as settled
    from decision as d
    inner join rule as r on d.rule_id = r.rule_id and r.draws and r.pack_version_id = :pack_version_id
    inner join quota as q on d.quota_id = q.quota_id and q.unit = 'customer'
    inner join event as e on d.event_id = e.event_id
    inner join rate_decision as decided
        on q.decided = decided.parameter and decided.period = to_date(split_part(d.stratum, '/', 1), 'YYYY-MM')
    where
        d.outcome = 'awaiting'
        and d.reason = 'rate'
        and not e.cancelled
        and e.customer is not null
        and e.batch_id not in (select t.batch_id from todo as t)
)

select
    n.event_id,
    n.rule_id,
    n.quota_id,
    n.stratum,
    n.settled,
    e.customer,
    e.first_batch_id,
    l.event_id is null
    and row_number() over (
        partition by n.quota_id, n.stratum, e.customer
        order by e.first_batch_id, e.happened_at, e.source collate "C", e.event_key collate "C"
    ) = 1 as leads
from entrant as n
inner join event as e on n.event_id = e.event_id
left join draw_share as l
    on n.quota_id = l.quota_id and n.stratum = l.stratum and e.customer = l.customer and l.leads
