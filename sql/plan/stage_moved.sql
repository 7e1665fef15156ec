-- Find the events whose tasks may have to follow a decision that changed.
-- grain    one row per event
-- params   corrected boolean: whether the batches correct events that were planned before
-- repeat   safe: a stage of this run alone, under the planner's lock
create unlogged table planning.moved as
select c.event_id from candidate as c
where :corrected and not c.is_new
union
select w.event_id from drawn as w
where w.settled
union
select d.event_id
from decision as d
left join task as t on d.event_id = t.event_id and d.rule_id = t.rule_id and d.round = t.round
where d.reason = 'condition_met' and t.event_id is null
