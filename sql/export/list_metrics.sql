-- List the counts behind every reported figure.
-- grain    one row per report, metric, department, area and standing
-- params   none
-- repeat   read only
select
    p.pack,
    p.period,
    p.revision,
    p.state,
    f.metric,
    f.department,
    f.area,
    f.standing,
    count(*) as rows_counted
from report as p
inner join report_row as f on p.report_id = f.report_id
group by p.pack, p.first_on, p.period, p.revision, p.state, f.metric, f.department, f.area, f.standing
order by p.pack, p.first_on, p.revision, f.metric, f.department, f.area, f.standing
