-- Leave out of the draw whoever shares the place of a customer's first event.
-- grain    one row per event and rule that draws
-- params   none
-- repeat   safe: a stage of this run alone, under the pack's lock
update candidate as c
set rank = null
from sharing as s
where c.event_id = s.event_id and c.rule_id = s.rule_id and not s.leads
