-- Stage every applicable rule of every event in the unplanned batches, with its window and what can be said without a draw.
-- grain    one row per event, applicable rule and round
-- params   calendar text
-- repeat   safe: a temporary table
create temporary table candidate on commit drop as
select
    e.event_id,
    r.rule_id,
    r.round,
    q.quota_id,
    v.pack_version_id,
    e.first_batch_id,
    r.draws,
    e.source,
    e.event_key,
    e.customer,
    e.department,
    e.area,
    a.anchor_on,
    rate.numerator,
    rate.denominator,
    q.unit,
    earlier.batch_id is null as is_new,
    case when q.quota_id is not null then
        concat_ws(
            '/',
            case when q.monthly then to_char(d.event_on, 'YYYY-MM') end,
            case when q.per_department then coalesce(e.department, '-') end,
            case when q.per_area then coalesce(e.area, '-') end,
            case when q.per_occasion then coalesce(e.occasion, '-') end
        )
    end as stratum,
    case
        when r.opens_share is not null then
            e.starts_on + ((e.ends_on - e.starts_on) * r.opens_share[1] + r.opens_share[2] - 1) / r.opens_share[2]
        when r.opens_days is not null then a.anchor_on + r.opens_days
        when r.opens_months is not null then (a.anchor_on + make_interval(months => r.opens_months))::date
        else (
            select t.day
            from calendar_day as f
            inner join calendar_day as t on f.calendar = t.calendar and t.workday_number = f.workday_number + r.opens_workdays
            where f.calendar = :calendar and f.day = a.anchor_on and t.is_workday
        )
    end as opens_on,
    case
        when r.due_share is not null then e.starts_on + ((e.ends_on - e.starts_on) * r.due_share[1]) / r.due_share[2]
        when r.due_days is not null then a.anchor_on + r.due_days
        when r.due_months is not null then (a.anchor_on + make_interval(months => r.due_months))::date
        else (
            select t.day
            from calendar_day as f
            inner join calendar_day as t on f.calendar = t.calendar and t.workday_number = f.workday_number + r.due_workdays
            where f.calendar = :calendar and f.day = a.anchor_on and t.is_workday
        )
    end as due_on,
    r.due_workdays is not null and coalesce(
        (
            select bool_or(t.provisional)
            from calendar_day as f
            inner join calendar_day as t on f.calendar = t.calendar and t.workday_number = f.workday_number + r.due_workdays
            where f.calendar = :calendar and f.day = a.anchor_on and t.is_workday
        ), true
    ) as provisional,
    case
        when e.cancelled then 'superseded'
        when a.anchor_on is null or d.event_on < u.adopted_on then 'out_of_scope'
        when r.predicate is not null and not coalesce(jsonb_path_match(
            coalesce(e.attributes, '{}'::jsonb) || jsonb_build_object(
                'severity', e.severity, 'department', e.department, 'area', e.area, 'matter', e.matter
            ), r.predicate::jsonpath, '{}', true
        ), false) then 'out_of_scope'
        when c.customer is not null then 'suppressed'
        when r.conditions is not null or (q.quota_id is not null and rate.numerator is null) then 'awaiting'
        when q.quota_id is null or rate.numerator = rate.denominator then 'due'
    end as outcome,
    case
        when e.cancelled then 'cancelled'
        when a.anchor_on is null then 'no_anchor'
        when d.event_on < u.adopted_on then 'before_adoption'
        when r.predicate is not null and not coalesce(jsonb_path_match(
            coalesce(e.attributes, '{}'::jsonb) || jsonb_build_object(
                'severity', e.severity, 'department', e.department, 'area', e.area, 'matter', e.matter
            ), r.predicate::jsonpath, '{}', true
        ), false) then 'not_matched'
        when c.customer is not null then 'do_not_contact'
        when r.conditions is not null then 'condition'
        when q.quota_id is not null and rate.numerator is null then 'rate'
        when q.quota_id is null or rate.numerator = rate.denominator then 'census'
    end as reason
from todo
inner join pack_version as v on todo.pack_version_id = v.pack_version_id
inner join event as e on todo.batch_id = e.batch_id
inner join pack_use as u on v.pack = u.pack and e.line = u.line
inner join rule as r on v.pack_version_id = r.pack_version_id and e.kind = r.kind
cross join lateral (
    select coalesce(e.starts_on, (e.happened_at at time zone v.time_zone)::date) as event_on
) as d
cross join lateral (
    select case r.anchor
        when 'completed' then (e.happened_at at time zone v.time_zone)::date
        when 'starts' then e.starts_on
        when 'ends' then e.ends_on
        else e.starts_on + (e.ends_on - e.starts_on) / 2
    end as anchor_on
) as a
left join quota as q on r.quota_id = q.quota_id
left join rate_decision as decided on q.decided = decided.parameter and decided.period = date_trunc('month', d.event_on)::date
cross join lateral (
    select
        coalesce(q.numerator, decided.numerator) as numerator,
        coalesce(q.denominator, decided.denominator) as denominator
) as rate
left join customer as c on e.customer = c.customer and c.do_not_contact
left join planned_batch as earlier
    on v.pack_version_id = earlier.pack_version_id and e.first_batch_id = earlier.batch_id
where
    d.event_on >= v.effective_from
    and (v.effective_until is null or d.event_on <= v.effective_until)
