-- What a planning run decided, by outcome.
-- grain    one row per outcome
-- params   none
-- repeat   read only
select
    d.outcome,
    count(*) as decisions
from decided as d
group by d.outcome
order by d.outcome
