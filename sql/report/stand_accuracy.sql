-- Stand every audit asked for in a span of days: the record was found true, was not, or nobody has looked yet.
-- grain    one row per metric, event, rule and round, in the temporary table `standing`
-- params   metric text, pack text, first date, last date, cut_off date
-- repeat   once for each metric of the temporary table; in a report the key refuses a second
insert into standing (metric, event_id, rule_id, round, counted_on, department, area, drawn, standing)
select distinct on (p.event_id, p.rule_id, p.round)
    :metric,
    p.event_id,
    p.rule_id,
    p.round,
    w.asked_on,
    coalesce(e.department, ''),
    coalesce(e.area, ''),
    true,
    case
        when w.accurate is null or w.reviewed_on is null or w.reviewed_on > :cut_off then 'pending'
        when w.accurate then 'in_time'
        else 'missed'
    end
from review as w
inner join record as p on w.record_id = p.record_id
inner join rule as r on p.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
inner join event as e on p.event_id = e.event_id
where v.pack = :pack and w.purpose = 'audit' and w.asked_on between :first and least(:last, :cut_off)
order by p.event_id asc, p.rule_id asc, p.round asc, p.record_id desc
