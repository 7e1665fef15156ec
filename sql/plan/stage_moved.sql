-- Stage the events that were planned before and whose tasks may have to follow a decision.
-- grain    one row per event
-- params   none
-- repeat   safe: a stage of this run alone, under the pack's lock; other steps add theirs, follow_decisions takes each once
create unlogged table moved as
select e.event_id
from todo as t
inner join event as e on t.batch_id = e.batch_id and e.first_batch_id <> e.batch_id
union
select w.event_id from drawn as w
where w.settled
