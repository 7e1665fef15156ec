-- Stand the complaints about contacts that happened in a span of days: the events of one rule, each as missed.
-- grain    one row per metric, event, rule and round, in the temporary table `standing`
-- params   metric text, pack text, rule text, first date, last date, cut_off date
-- repeat   once for each metric of the temporary table; in a report the key refuses a second
insert into standing (metric, event_id, rule_id, round, counted_on, department, area, drawn, standing)
select
    :metric,
    d.event_id,
    d.rule_id,
    d.round,
    d.anchor_on,
    coalesce(e.department, ''),
    coalesce(e.area, ''),
    true,
    'missed'
from decision as d
inner join rule as r on d.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
inner join event as e on d.event_id = e.event_id
where
    v.pack = :pack and r.rule = :rule and d.outcome = 'due'
    and d.anchor_on between :first and least(:last, :cut_off)
