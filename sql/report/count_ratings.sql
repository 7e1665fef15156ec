-- Count how the contacted customers of a report's period rated, by metric.
-- grain    one row per metric and rating
-- params   report_id bigint, rating text, cut_off date
-- repeat   read only
select
    f.metric,
    p.rating,
    count(*) as rows_counted
from report_row as f
cross join lateral (
    select p.ratings ->> :rating as rating
    from record as p
    where
        p.event_id = f.event_id and p.rule_id = f.rule_id and p.round = f.round
        and p.result = 'reached' and p.recorded_on <= :cut_off
    order by p.visited_on desc, p.record_id desc
    limit 1
) as p
where f.report_id = :report_id and f.standing in ('in_time', 'late') and p.rating is not null
group by f.metric, p.rating
order by f.metric, p.rating
