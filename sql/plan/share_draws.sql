-- Let the events of a customer follow the one that leads: its position and its result. The ledger does not count them.
-- grain    one row per quota and event
-- params   none
-- repeat   a stage of this run alone, under the pack's lock; the key refuses a second decision of what it adds
insert into drawn (quota_id, stratum, first_batch_id, event_id, settled, draw_position, drawn)
select
    s.quota_id,
    s.stratum,
    s.first_batch_id,
    s.event_id,
    s.settled,
    coalesce(d.draw_position, w.draw_position),
    coalesce(d.drawn, w.drawn)
from sharing as s
inner join draw_share as l
    on s.quota_id = l.quota_id and s.stratum = l.stratum and s.customer = l.customer and l.leads
left join drawn as w on l.quota_id = w.quota_id and l.stratum = w.stratum and l.event_id = w.event_id
left join decision as d on l.event_id = d.event_id and l.rule_id = d.rule_id and d.drawn is not null
where not s.leads
