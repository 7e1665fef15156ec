-- Count a report's frozen rows: all, by department, by area, by person. A figure by customers counts each once, as the best of
-- its rows.
-- grain    one row per metric, scope and standing
-- params   report_id bigint
-- repeat   read only
with best (standings) as (
    select array['in_time', 'late', 'missed', 'not_drawn', 'not_planned', 'pending', 'excused']
),

counted as (
    select
        f.metric,
        case
            when grouping(f.department) = 0 then 'department'
            when grouping(f.area) = 0 then 'area'
            when grouping(f.person) = 0 then 'person'
            else 'all'
        end as scope,
        coalesce(f.department, f.area, f.person, '') as code,
        b.standings[min(array_position(b.standings, f.standing))] as standing
    from report_row as f
    cross join best as b
    cross join lateral (select coalesce(f.customer, concat_ws('/', f.event_id, f.rule_id, f.round)) as one) as c
    where f.report_id = :report_id
    group by
        b.standings,
        grouping sets ((f.metric, c.one), (f.metric, f.department, c.one), (f.metric, f.area, c.one), (f.metric, f.person, c.one))
)

select
    metric,
    scope,
    code,
    standing,
    count(*) as rows_counted
from counted
group by metric, scope, code, standing
order by metric, scope, code, standing
