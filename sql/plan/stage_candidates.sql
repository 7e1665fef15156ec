-- Stage every applicable rule of every event in the unplanned batches, with its window and what can be said without a draw.
-- grain    one row per event, applicable rule and round
-- params   inner_pad bytea, outer_pad bytea: the padded halves of the HMAC-SHA256 key that ranks a draw
-- repeat   safe: a stage of this run alone, under the pack's lock
create unlogged table candidate as
select
    e.event_id,
    r.rule_id,
    r.round,
    q.quota_id,
    e.first_batch_id,
    e.customer,
    e.department,
    e.area,
    case when 'repeated' = any(r.conditions) then e.matter end as repeatable,
    r.draws,
    a.anchor_on,
    earlier.batch_id is null as is_new,
    case
        when r.opens_days is not null then a.anchor_on + r.opens_days
        when r.opens_months is not null then (a.anchor_on + make_interval(months => r.opens_months))::date
        when r.opens_share is not null then
            e.starts_on + ((e.ends_on - e.starts_on) * r.opens_share[1] + r.opens_share[2] - 1) / r.opens_share[2]
    end as opens_on,
    case
        when r.due_days is not null then a.anchor_on + r.due_days
        when r.due_months is not null then (a.anchor_on + make_interval(months => r.due_months))::date
        when r.due_share is not null then e.starts_on + ((e.ends_on - e.starts_on) * r.due_share[1]) / r.due_share[2]
    end as due_on,
    false as provisional,
    case when q.decided is not null or q.numerator <> q.denominator then
        concat_ws(
            '/',
            case when q.monthly then left(e.event_on::text, 7) end,
            case when q.per_department then coalesce(e.department, '-') end,
            case when q.per_area then coalesce(e.area, '-') end,
            case when q.per_occasion then coalesce(e.occasion, '-') end
        )
    end as stratum,
    case
        when e.cancelled then 'cancelled'
        when a.anchor_on is null then 'no_anchor'
        when e.event_on < e.adopted_on then 'before_adoption'
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
from ( -- offset 0: the civil date is worked out once for an event, not for each of its rules and expressions
    select
        o.*,
        v.pack_version_id,
        u.adopted_on,
        coalesce(o.starts_on, z.completed_on) as event_on,
        z.completed_on
    from todo
    inner join pack_version as v on todo.pack_version_id = v.pack_version_id
    inner join event as o on todo.batch_id = o.batch_id
    inner join pack_use as u on v.pack = u.pack and o.line = u.line
    cross join lateral (select o.happened_at::date as completed_on) as z -- in the pack's time zone, set for the transaction
    where
        coalesce(o.starts_on, z.completed_on) >= v.effective_from
        and (v.effective_until is null or coalesce(o.starts_on, z.completed_on) <= v.effective_until)
    offset 0
) as e
inner join rule as r on e.pack_version_id = r.pack_version_id and e.kind = r.kind
cross join lateral (
    select case r.anchor
        when 'completed' then e.completed_on
        when 'starts' then e.starts_on
        when 'ends' then e.ends_on
        else e.starts_on + (e.ends_on - e.starts_on) / 2
    end as anchor_on
) as a
left join quota as q on r.quota_id = q.quota_id
left join rate_decision as decided
    on q.decided = decided.parameter
    and decided.period = case when q.decided is not null then date_trunc('month', e.event_on)::date end
left join customer as c on e.customer = c.customer and c.do_not_contact
left join planned_batch as earlier
    on e.pack_version_id = earlier.pack_version_id and e.first_batch_id = earlier.batch_id
