-- Close conditional duties whose window ended without the condition being met.
-- grain    one row per event, rule and round
-- params   on date
-- repeat   safe: only waiting decisions are touched
update decision
set outcome = 'out_of_scope', reason = 'lapsed', decided_on = :on
where outcome = 'awaiting' and reason = 'condition' and due_on < :on
