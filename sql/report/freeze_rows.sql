-- Freeze the rows behind the figures of a report's period.
-- grain    one row per report, metric, event, rule and round
-- params   report_id bigint, first date, last date
-- repeat   safe: a frozen row is left alone
insert into report_row (report_id, metric, event_id, rule_id, round, department, area, standing, drawn)
select
    :report_id,
    metric,
    event_id,
    rule_id,
    round,
    department,
    area,
    standing,
    drawn
from standing
where counted_on between :first and :last
order by metric, event_id, rule_id, round
on conflict (report_id, metric, event_id, rule_id, round) do nothing
