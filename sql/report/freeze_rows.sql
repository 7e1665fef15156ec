-- Freeze the rows behind the figures of a report's period.
-- grain    one row per report, metric, event, rule and round
-- params   report_id bigint, first date, last date, personal text[]: the metrics that are told by the person on the list
-- repeat   safe: a frozen row is left alone
insert into report_row (report_id, metric, event_id, rule_id, round, department, area, person, standing, drawn, customer)
select
    :report_id,
    s.metric,
    s.event_id,
    s.rule_id,
    s.round,
    s.department,
    s.area,
    coalesce(l.lead_name, ''),
    s.standing,
    s.drawn,
    s.customer
from standing as s
left join list_line as l
    on s.event_id = l.event_id and s.rule_id = l.rule_id and s.round = l.round
    and s.metric = any(cast(:personal as text[]))
where s.counted_on between :first and :last
order by s.metric, s.event_id, s.rule_id, s.round
on conflict (report_id, metric, event_id, rule_id, round) do nothing
