-- Stage the events that were planned before and whose tasks may have to follow a decision.
-- grain    one row per event
-- params   corrected boolean: whether the batches correct events that were planned before
-- repeat   safe: a stage of this run alone, under the pack's lock
create unlogged table moved as
select c.event_id from candidate as c
where :corrected and not c.is_new
union
select w.event_id from drawn as w
where w.settled
union
select r.event_id from repeated as r
