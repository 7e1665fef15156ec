-- List the counts behind every reported figure. A figure by customers counts each once, as the best of its rows.
-- grain    one row per report, metric, department, area and standing
-- params   none
-- repeat   read only
with best (standings) as (
    select array['in_time', 'late', 'missed', 'not_drawn', 'not_planned', 'pending', 'excused']
),

counted as (
    select
        f.report_id,
        f.metric,
        f.department,
        f.area,
        b.standings[min(array_position(b.standings, f.standing))] as standing
    from report_row as f
    cross join best as b
    group by
        b.standings, f.report_id, f.metric, f.department, f.area,
        coalesce(f.customer, concat_ws('/', f.event_id, f.rule_id, f.round))
)

select
    p.pack,
    p.period,
    p.revision,
    p.state,
    c.metric,
    c.department,
    c.area,
    c.standing,
    count(*) as rows_counted
from report as p
inner join counted as c on p.report_id = c.report_id
group by p.pack, p.first_on, p.period, p.revision, p.state, c.metric, c.department, c.area, c.standing
order by p.pack, p.first_on, p.revision, c.metric, c.department, c.area, c.standing
