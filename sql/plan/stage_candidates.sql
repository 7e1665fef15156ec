-- Stage every applicable rule of every event in the unplanned batches, with its window and what can be said without a draw.
-- grain    one row per event, applicable rule and round
-- params   inner_pad bytea, outer_pad bytea: the padded halves of the HMAC-SHA256 key that ranks a draw
-- repeat   safe: a stage of this run alone, under the planner's lock
create unlogged table planning.candidate as
select
    e.event_id,
    r.rule_id,
    r.round,
    q.quota_id,
    e.first_batch_id,
    e.customer,
    e.department,
    e.area,
    r.draws,
    a.anchor_on,
    earlier.batch_id is null as is_new,
    case
        when r.opens_share is not null then
            e.starts_on + ((e.ends_on - e.starts_on) * r.opens_share[1] + r.opens_share[2] - 1) / r.opens_share[2]
        when r.opens_days is not null then a.anchor_on + r.opens_days
        when r.opens_months is not null then (a.anchor_on + make_interval(months => r.opens_months))::date
    end as opens_on,
    case
        when r.due_share is not null then e.starts_on + ((e.ends_on - e.starts_on) * r.due_share[1]) / r.due_share[2]
        when r.due_days is not null then a.anchor_on + r.due_days
        when r.due_months is not null then (a.anchor_on + make_interval(months => r.due_months))::date
    end as due_on,
    false as provisional,
    case when q.decided is not null or q.numerator <> q.denominator then
        concat_ws(
            '/',
            case when q.monthly then left(d.event_on::text, 7) end,
            case when q.per_department then coalesce(e.department, '-') end,
            case when q.per_area then coalesce(e.area, '-') end,
            case when q.per_occasion then coalesce(e.occasion, '-') end
        )
    end as stratum,
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
        when q.quota_id is null or coalesce(q.numerator, decided.numerator) = coalesce(q.denominator, decided.denominator)
            then 'census'
        when coalesce(q.numerator, decided.numerator) is null then 'rate'
    end as reason,
    case when r.draws and (q.decided is not null or q.numerator <> q.denominator) then
        sha256(:outer_pad || sha256(:inner_pad || convert_to(concat_ws(chr(31), q.quota, e.source, e.event_key), 'UTF8')))
    end as rank
from todo
inner join pack_version as v on todo.pack_version_id = v.pack_version_id
inner join event as e on todo.batch_id = e.batch_id
inner join pack_use as u on v.pack = u.pack and e.line = u.line
inner join rule as r on v.pack_version_id = r.pack_version_id and e.kind = r.kind
cross join lateral (
    select (e.happened_at at time zone v.time_zone)::date as completed_on
) as z
cross join lateral (select coalesce(e.starts_on, z.completed_on) as event_on) as d
cross join lateral (
    select case r.anchor
        when 'completed' then z.completed_on
        when 'starts' then e.starts_on
        when 'ends' then e.ends_on
        else e.starts_on + (e.ends_on - e.starts_on) / 2
    end as anchor_on
) as a
left join quota as q on r.quota_id = q.quota_id
left join rate_decision as decided
    on q.decided = decided.parameter
    and decided.period = case when q.decided is not null then date_trunc('month', d.event_on)::date end
left join customer as c on e.customer = c.customer and c.do_not_contact
left join planned_batch as earlier
    on v.pack_version_id = earlier.pack_version_id and e.first_batch_id = earlier.batch_id
where
    d.event_on >= v.effective_from
    and (v.effective_until is null or d.event_on <= v.effective_until)
