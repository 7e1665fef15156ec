-- Stand every duty whose window ends in a span of days: made, also late, or missed.
-- grain    one row per metric, event, rule and round, in the temporary table `standing`
-- params   metric text, rules text[]: of these alone; empty for all, pack text, first date, last date, cut_off date
-- repeat   once for each metric of the temporary table; in a report the key refuses a second
insert into standing (metric, event_id, rule_id, round, counted_on, department, area, drawn, standing)
select
    :metric,
    d.event_id,
    d.rule_id,
    d.round,
    d.due_on,
    coalesce(e.department, ''),
    coalesce(e.area, ''),
    true,
    case
        when exists (
            select from record as p
            where
                p.event_id = d.event_id and p.rule_id = d.rule_id and p.round = d.round
                and p.result = 'reached' and p.recorded_on <= :cut_off
        ) then 'in_time'
        when d.due_on >= :cut_off then 'pending'
        else 'missed'
    end
from decision as d
inner join rule as r on d.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
inner join event as e on d.event_id = e.event_id
where
    (cast(:rules as text[]) = '{}' or r.rule = any(cast(:rules as text[])))
    and v.pack = :pack and d.outcome = 'due' and d.due_on between :first and :last
