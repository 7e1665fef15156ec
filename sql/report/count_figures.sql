-- Count a report's frozen rows: all, by department, by area, by person.
-- grain    one row per metric, scope and standing
-- params   report_id bigint
-- repeat   read only
select
    metric,
    case
        when grouping(department) = 0 then 'department'
        when grouping(area) = 0 then 'area'
        when grouping(person) = 0 then 'person'
        else 'all'
    end as scope,
    coalesce(department, area, person, '') as code,
    standing,
    count(*) as rows_counted
from report_row
where report_id = :report_id
group by grouping sets ((metric, standing), (metric, department, standing), (metric, area, standing), (metric, person, standing))
order by metric, scope, code, standing
