-- Find the customer whose place in a draw an event shares, and the event that brought the customer in.
-- grain    one row, or none where the event stands for itself
-- params   event_id bigint, rule_id int: the rule that draws or one that shares its draw
-- repeat   read only
select
    l.customer,
    e.event_id,
    e.source,
    e.event_key,
    e.first_batch_id,
    (
        select count(*) from draw_share as o
        where
            o.quota_id = l.quota_id and o.stratum = l.stratum and o.customer = l.customer
            and o.counted
    ) as counted
from rule as r
inner join rule as w on r.quota_id = w.quota_id and r.kind = w.kind and w.draws
inner join draw_share as s on w.rule_id = s.rule_id and s.event_id = :event_id
inner join draw_share as l
    on s.quota_id = l.quota_id and s.stratum = l.stratum and s.customer = l.customer and l.leads
inner join event as e on l.event_id = e.event_id
where r.rule_id = :rule_id
