-- Stage the events with a duty that became due because of a record, a solved issue or a condition, and has no task yet.
-- grain    one row per event
-- params   none
-- repeat   safe: a stage of this run alone, under the planner's lock
create unlogged table moved as
select d.event_id
from decision as d
left join task as t on d.event_id = t.event_id and d.rule_id = t.rule_id and d.round = t.round
where d.reason = 'condition_met' and d.outcome = 'due' and (t.event_id is null or t.state = 'superseded')
union
select f.event_id from followed as f
