-- Stand every issue raised in a span of days: solved in the department's time, later, not yet, or still in time.
-- grain    one row per metric, event, rule and round, in the temporary table `standing`
-- params   metric text, undue text: as what one that is still in time stands, pack text, first date, last date, cut_off date
-- repeat   once for each metric of the temporary table; in a report the key refuses a second
insert into standing (metric, event_id, rule_id, round, counted_on, department, area, drawn, standing)
select
    :metric,
    i.event_id,
    i.rule_id,
    i.round,
    i.raised_on,
    i.department,
    coalesce(e.area, ''),
    true,
    case
        when i.state = 'solved' and i.state_on <= least(coalesce(i.due_on, i.state_on), :cut_off) then 'in_time'
        when i.state = 'solved' and i.state_on <= :cut_off then 'late'
        when i.due_on is null or i.due_on >= :cut_off then :undue
        else 'missed'
    end
from issue as i
inner join rule as r on i.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
inner join event as e on i.event_id = e.event_id
where v.pack = :pack and i.raised_on between :first and least(:last, :cut_off)
