-- List the counts behind every reported figure; a figure by customers counts each once in a department and area.
-- grain    one row per report, metric, department, area and standing
-- params   none
-- repeat   read only
with counted as (
    select
        report_id,
        metric,
        department,
        area,
        standing,
        count(*) as rows_counted
    from report_row
    where customer is null
    group by report_id, metric, department, area, standing
    union all
    select
        report_id,
        metric,
        department,
        area,
        (
            array['in_time', 'late', 'missed', 'not_drawn', 'not_planned', 'pending', 'excused']
        )[place],
        count(*)
    from (
        select
            f.report_id,
            f.metric,
            f.department,
            f.area,
            min(array_position(array['in_time', 'late', 'missed', 'not_drawn', 'not_planned', 'pending', 'excused'], f.standing)) as place
        from report_row as f
        where f.customer is not null
        group by f.report_id, f.metric, f.department, f.area, f.customer
    ) as best
    group by report_id, metric, department, area, place
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
    sum(c.rows_counted)::bigint as rows_counted
from report as p
inner join counted as c on p.report_id = c.report_id
group by p.pack, p.first_on, p.period, p.revision, p.state, c.metric, c.department, c.area, c.standing
order by p.pack, p.first_on, p.revision, c.metric, c.department, c.area, c.standing
