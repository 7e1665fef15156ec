-- Remember which events share their customer's place in a draw.
-- grain    one row per event and rule that draws
-- params   none
-- repeat   the key refuses a second one: only events that never took part in a draw are in `sharing`
insert into draw_share (event_id, rule_id, quota_id, stratum, customer, leads, counted)
select
    event_id,
    rule_id,
    quota_id,
    stratum,
    customer,
    leads,
    leads
from sharing
