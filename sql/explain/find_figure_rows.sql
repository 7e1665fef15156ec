-- Find the frozen rows behind a figure of a report.
-- grain    one row per event, rule and round
-- params   metric text, period text (2026-10, 2026H1), scope text, pack text
-- repeat   read only
select
    p.pack,
    p.revision,
    f.metric,
    f.event_id,
    f.rule_id,
    f.round,
    f.standing,
    f.department,
    f.area,
    f.customer,
    e.source,
    e.event_key,
    r.clause,
    d.due_on
from report as p
inner join report_row as f on p.report_id = f.report_id
inner join event as e on f.event_id = e.event_id
inner join rule as r on f.rule_id = r.rule_id
inner join decision as d on f.event_id = d.event_id and f.rule_id = d.rule_id and f.round = d.round
where
    f.metric = :metric
    and p.period = :period
    and (cast(:scope as text) is null or :scope in (f.department, f.area, f.person))
    and (cast(:pack as text) is null or p.pack = :pack)
    and p.revision = (
        select max(o.revision) from report as o
        where o.pack = p.pack and o.period = p.period
    )
order by p.pack, f.standing, e.source, e.event_key, f.rule_id
