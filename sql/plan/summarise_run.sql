-- What a planning run decided, by outcome.
-- grain    one row per outcome
-- params   none
-- repeat   read only
select
    d.outcome,
    count(*) as decisions
from decision as d
inner join candidate as c on d.event_id = c.event_id and d.rule_id = c.rule_id and d.round = c.round
group by d.outcome
order by d.outcome
