-- Stage every applicable rule of every event in the unplanned batches, with its window and what can be said without a draw.
-- grain    one row per event, applicable rule and round
-- params   inner_pad bytea, outer_pad bytea: the padded halves of the HMAC-SHA256 key that ranks a draw
-- repeat   safe: a stage of this run alone, under the pack's lock
create unlogged table candidate as
with duty as materialized ( -- what depends on the rule alone is worked out once for each rule
    select
        r.*,
        q.quota,
        q.decided,
        q.numerator,
        q.denominator,
        q.monthly,
        q.per_department,
        q.per_area,
        q.per_occasion,
        q.completes_year,
        q.unit = 'customer' as by_customer,
        r.anchor = 'completed' as from_completion,
        coalesce('repeated' = any(r.conditions), false) as repeatable,
        coalesce(q.decided is not null or q.numerator <> q.denominator, false) as stratified,
        coalesce(r.draws and (q.decided is not null or q.numerator <> q.denominator), false) as ranked,
        case
            when r.conditions is not null then 'condition'
            when q.quota_id is null or q.numerator = q.denominator then 'census'
        end as settled
    from rule as r
    left join quota as q on r.quota_id = q.quota_id
    where r.pack_version_id in (select t.pack_version_id from todo as t)
)

select
    e.event_id,
    r.rule_id,
    r.round,
    r.quota_id,
    e.first_batch_id,
    e.customer,
    e.department,
    e.area,
    case when r.repeatable then e.matter end as repeatable,
    r.draws,
    a.anchor_on,
    e.is_new,
    w.opens_on,
    case
        when r.due_days is not null then a.anchor_on + r.due_days
        when r.due_months is not null then (a.anchor_on + make_interval(months => r.due_months))::date
        when r.lasts_days is not null then w.opens_on + r.lasts_days
        when r.due_share is not null then e.starts_on + ((e.ends_on - e.starts_on) * r.due_share[1]) / r.due_share[2]
    end as due_on,
    false as provisional,
    case when r.stratified then
        concat_ws(
            '/',
            case when r.monthly then left(e.event_on::text, 7) end,
            case when r.per_department then coalesce(e.department, '-') end,
            case when r.per_area then coalesce(e.area, '-') end,
            case when r.per_occasion then coalesce(e.occasion, '-') end
        )
    end as stratum,
    case
        when e.cancelled then 'cancelled'
        when a.anchor_on is null then 'no_anchor'
        when e.event_on < e.adopted_on then 'before_adoption'
        when r.predicate is not null and not coalesce(jsonb_path_match(f.fields, r.predicate::jsonpath, '{}', true), false)
            then 'not_matched'
        when r.outranked is not null and coalesce(jsonb_path_match(f.fields, r.outranked::jsonpath, '{}', true), false)
            then 'outranked'
        when r.needs is not null and not jsonb_strip_nulls(f.fields) ?& r.needs then 'incomplete'
        when e.silent then 'do_not_contact'
        when r.settled is not null then r.settled
        when r.decided is not null and decided.numerator = decided.denominator then 'census'
        when r.decided is not null and decided.numerator is null then 'rate'
    end as reason,
    case when r.ranked then
        case when r.completes_year and exists ( -- who was drawn in an earlier round of the year comes last
            select from event as o
            inner join decision as d on o.event_id = d.event_id and d.quota_id = r.quota_id and d.drawn
            where
                o.customer = e.customer
                and coalesce(o.starts_on, o.happened_at::date) >= date_trunc('year', e.event_on)::date
                and coalesce(o.starts_on, o.happened_at::date) < e.event_on
        ) then '\x01'::bytea else '\x00'::bytea end
        || sha256(:outer_pad || sha256(:inner_pad || convert_to(
            case
                when r.by_customer and e.customer is not null then concat_ws(chr(31), r.quota, '', e.customer)
                else concat_ws(chr(31), r.quota, e.source, e.event_key)
            end, 'UTF8'
        )))
    end as rank
from ( -- offset 0: what depends on the event alone is worked out once for each event
    select
        o.*,
        v.pack_version_id,
        u.adopted_on,
        coalesce(o.starts_on, z.completed_on) as event_on,
        z.completed_on,
        c.customer is not null as silent,
        earlier.batch_id is null as is_new,
        case when v.standing_since is not null and o.customer is not null then
            case when z.completed_on >= (
                select (min(p.happened_at)::date + make_interval(months => v.standing_months))::date
                from event as p
                where p.customer = o.customer and p.line = o.line and p.kind = v.standing_since and not p.cancelled
            ) then 'old' else 'new' end
        end as standing
    from todo
    inner join pack_version as v on todo.pack_version_id = v.pack_version_id
    inner join event as o on todo.batch_id = o.batch_id and todo.line = o.line
    inner join pack_use as u on v.pack = u.pack and o.line = u.line
    cross join lateral (select o.happened_at::date as completed_on) as z -- in the pack's time zone, set for the transaction
    left join customer as c on o.customer = c.customer and c.do_not_contact
    left join planned_batch as earlier
        on v.pack_version_id = earlier.pack_version_id and o.line = earlier.line and o.first_batch_id = earlier.batch_id
    where
        o.kind in (select d.kind from duty as d)
        and coalesce(o.starts_on, z.completed_on) >= v.effective_from
        and (v.effective_until is null or coalesce(o.starts_on, z.completed_on) <= v.effective_until)
        and not ( -- what an earlier version handed out, or has a record of, stays with it
            todo.succeeds
            and earlier.batch_id is null
            and exists (
                select from (
                    select l.rule_id from list_line as l where l.event_id = o.event_id
                    union all
                    select p.rule_id from record as p where p.event_id = o.event_id
                ) as done
                inner join rule as q on done.rule_id = q.rule_id
                inner join pack_version as w on q.pack_version_id = w.pack_version_id
                where w.pack = v.pack and w.effective_from < v.effective_from
            )
        )
    offset 0
) as e
inner join duty as r on e.kind = r.kind
cross join lateral (
    select case
        when r.day_ends is not null and e.happened_at::time > r.day_ends then e.completed_on + 1
        when r.from_completion then e.completed_on
        when r.anchor = 'starts' then e.starts_on
        when r.anchor = 'ends' then e.ends_on
        else e.starts_on + (e.ends_on - e.starts_on) / 2
    end as anchor_on
) as a
cross join lateral (
    select
        case
            when r.opens_days is not null then a.anchor_on + r.opens_days
            when r.opens_months is not null then (a.anchor_on + make_interval(months => r.opens_months))::date
            when r.opens_share is not null then
                e.starts_on + ((e.ends_on - e.starts_on) * r.opens_share[1] + r.opens_share[2] - 1) / r.opens_share[2]
        end as opens_on
) as w
cross join lateral (
    select coalesce(e.attributes, '{}'::jsonb) || jsonb_build_object(
        'severity', e.severity, 'department', e.department, 'area', e.area, 'matter', e.matter, 'standing', e.standing
    ) as fields
) as f
left join rate_decision as decided
    on r.decided = decided.parameter
    and decided.period = case when r.decided is not null then date_trunc('month', e.event_on)::date end
