-- Stage the duties that records and issues ask for: the next contact of a cadence, one agreed, news of an issue, its closing.
-- grain    one row per event, rule and round
-- params   calendar text, on date
-- repeat   safe: a stage of this run alone; what was once owed for a contact stands
create unlogged table followed as
with newest as ( -- the newest record of each task decides
    select distinct on (p.event_id, p.rule_id, p.round)
        p.event_id,
        p.rule_id,
        p.round,
        p.visited_on,
        p.agreed_on,
        p.result,
        f.rule,
        f.pack_version_id,
        f.attempts_at_least,
        f.attempts_apart_days,
        f.attempts_before_end_days,
        e.customer,
        e.line,
        e.happened_at,
        coalesce(e.attributes, '{}'::jsonb)
        || jsonb_build_object('severity', e.severity, 'department', e.department, 'area', e.area, 'matter', e.matter)
        || p.texts || p.ratings
        || jsonb_build_object(
            'result', p.result, 'channel', p.channel, 'unsatisfactory', p.unsatisfactory, 'unsolved', p.unsolved,
            'second_visit_wanted', p.second_visit_wanted
        ) as fields
    from rule as f
    inner join record as p on f.rule_id = p.rule_id
    inner join event as e on p.event_id = e.event_id
    where f.is_followed
    order by p.event_id asc, p.rule_id asc, p.round asc, p.record_id desc
),

tried as ( -- when a contact of counted attempts is given up, where it reached nobody
    select
        n.event_id,
        n.rule_id,
        n.round,
        least(c.last_on, greatest(c.first_on, d.due_on - n.attempts_before_end_days)) as given_up_on
    from newest as n
    inner join decision as d on n.event_id = d.event_id and n.rule_id = d.rule_id and n.round = d.round
    cross join lateral (
        with recursive counted as ( -- the first attempt, then each that comes late enough after the last that counted
            select
                1 as number,
                min(o.visited_on) as day
            from record as o
            where o.event_id = n.event_id and o.rule_id = n.rule_id and o.round = n.round and o.result = 'unreached'
            union all
            select
                c.number + 1,
                (
                    select min(o.visited_on)
                    from record as o
                    where
                        o.event_id = n.event_id and o.rule_id = n.rule_id and o.round = n.round
                        and o.result = 'unreached'
                        and o.visited_on >= c.day + n.attempts_apart_days
                )
            from counted as c
            where c.number < n.attempts_at_least and c.day is not null
        )

        select
            min(c.day) filter (where c.number = 1) as first_on,
            min(c.day) filter (where c.number = n.attempts_at_least) as last_on
        from counted as c
    ) as c
    where
        n.attempts_at_least is not null
        and n.result = 'unreached'
        and not exists (
            select from record as o
            where o.event_id = n.event_id and o.rule_id = n.rule_id and o.round = n.round and o.result = 'reached'
        )
),

told as (
    select
        n.event_id,
        n.rule_id,
        n.round,
        n.visited_on,
        n.agreed_on,
        n.result,
        n.rule,
        n.pack_version_id,
        n.customer,
        n.line,
        n.happened_at,
        g.given_up_on,
        n.fields || jsonb_build_object('given_up', g.given_up_on is not null) as fields
    from newest as n
    left join tried as t on n.event_id = t.event_id and n.rule_id = t.rule_id and n.round = t.round
    cross join lateral (
        select
            case
                when n.attempts_at_least is null and n.result = 'unreached' then n.visited_on
                when t.given_up_on <= :on then t.given_up_on
            end as given_up_on
    ) as g
),

numbered as (
    select
        i.event_id,
        i.rule_id,
        i.round,
        i.state,
        i.state_on,
        i.raised_on,
        f.pack_version_id,
        row_number() over (partition by i.event_id, f.pack_version_id order by i.issue_id) as number
    from issue as i
    inner join rule as f on i.rule_id = f.rule_id
    where f.pack_version_id in (select r.pack_version_id from rule as r where r.after_issue is not null)
),

wanted as (
    select
        t.event_id,
        r.rule_id,
        t.round,
        t.rule_id as cause_id,
        t.round as cause_round,
        case r.anchor when 'contact' then t.visited_on when 'given_up' then t.given_up_on else t.agreed_on end as anchor_on,
        null::date as agreed_on,
        false as recurs,
        0 as place
    from told as t
    inner join rule as r on t.pack_version_id = r.pack_version_id and t.rule = r.after_rule
    where
        r.after_predicate is null
        or coalesce(jsonb_path_match(t.fields, r.after_predicate::jsonpath, '{}', true), false)
    union all
    select
        t.event_id,
        r.rule_id,
        t.round + 1,
        t.rule_id,
        t.round,
        greatest( -- a new issue starts the news anew
            t.visited_on,
            case when r.after_issue = 'open' then (
                select min(n.raised_on) from numbered as n
                where n.event_id = t.event_id and n.pack_version_id = r.pack_version_id and n.state <> 'solved'
            ) end
        ),
        case when r.recur_agreed then t.agreed_on end,
        true,
        0
    from told as t
    inner join rule as r on t.rule_id = r.rule_id and r.recurs
    where
        t.result = 'reached'
        and (r.recur_at_most is null or t.round < r.recur_at_most)
        and not exists (
            select from event as o
            where
                o.customer = t.customer
                and o.line = t.line
                and o.kind = any(r.recur_until)
                and not o.cancelled
                and o.happened_at > t.happened_at
        )
        and (
            r.after_issue is null
            or exists (
                select from numbered as n
                where n.event_id = t.event_id and n.pack_version_id = r.pack_version_id and n.state <> 'solved'
            )
        )
    union all
    select
        n.event_id,
        r.rule_id,
        n.number,
        n.rule_id,
        n.round,
        n.state_on,
        null,
        false,
        n.number
    from numbered as n
    inner join rule as r on n.pack_version_id = r.pack_version_id and r.after_issue = 'solved'
    where n.state = 'solved'
    union all
    select
        n.event_id,
        r.rule_id,
        r.round,
        n.rule_id,
        n.round,
        n.raised_on,
        null,
        false,
        n.number
    from numbered as n
    inner join rule as r on n.pack_version_id = r.pack_version_id and r.after_issue = 'open'
    where n.state <> 'solved'
),

spanned as (
    select distinct on (w.event_id, w.rule_id, w.round)
        w.*,
        case when w.recurs then r.recur_opens_days else r.opens_days end as opens_days,
        case when w.recurs then r.recur_opens_months else r.opens_months end as opens_months,
        case when not w.recurs then r.opens_workdays end as opens_workdays,
        case when w.recurs then r.recur_days else r.due_days end as due_days,
        case when w.recurs then r.recur_months else r.due_months end as due_months,
        case when w.recurs then r.recur_workdays else r.due_workdays end as due_workdays,
        case when w.recurs then r.recur_half_months + (extract(day from w.anchor_on) > 15)::int end as halves,
        case when w.recurs then r.recur_rolls else r.rolls end as rolls
    from wanted as w
    inner join rule as r on w.rule_id = r.rule_id
    inner join decision as d on w.event_id = d.event_id and w.cause_id = d.rule_id and w.cause_round = d.round
    where
        w.anchor_on is not null
        and d.outcome not in ('superseded', 'suppressed', 'out_of_scope')
        and not exists (
            select from decision as o
            where o.event_id = w.event_id and o.rule_id = w.rule_id and o.round = w.round
        )
    order by w.event_id, w.rule_id, w.round, w.place
)

select
    s.event_id,
    s.rule_id,
    s.round,
    s.recurs,
    s.anchor_on,
    c.customer is not null as silent,
    coalesce(opens.provisional, false) or coalesce(due.provisional, false)
    or (s.rolls and coalesce(ends.provisional or next.provisional, true)) as provisional,
    n.opens_on,
    case
        when s.agreed_on is null then coalesce(next.day, n.due_on)
        else greatest(n.opens_on, least(coalesce(next.day, n.due_on), s.agreed_on))
    end as due_on
from spanned as s
inner join event as e on s.event_id = e.event_id
left join customer as c on e.customer = c.customer and c.do_not_contact
left join calendar_day as f
    on f.calendar = :calendar and s.anchor_on = f.day and (s.opens_workdays is not null or s.due_workdays is not null)
left join calendar_day as opens
    on f.calendar = opens.calendar and opens.is_workday and opens.workday_number = f.workday_number + s.opens_workdays
left join calendar_day as due
    on f.calendar = due.calendar and due.is_workday and due.workday_number = f.workday_number + s.due_workdays
cross join lateral (
    select
        coalesce(
            s.anchor_on + s.opens_days, (s.anchor_on + make_interval(months => s.opens_months))::date, opens.day
        ) as opens_on,
        coalesce(
            s.anchor_on + s.due_days, (s.anchor_on + make_interval(months => s.due_months))::date, due.day,
            (date_trunc('month', s.anchor_on) + make_interval(months => s.halves / 2, days => 15 * (s.halves % 2)))::date
        ) as due_on
) as n
left join calendar_day as ends on s.rolls and ends.calendar = :calendar and n.due_on = ends.day
left join calendar_day as next -- one that rolls does not end on a rest day
    on ends.calendar = next.calendar and next.is_workday
    and next.workday_number = ends.workday_number + case when ends.is_workday then 0 else 1 end
