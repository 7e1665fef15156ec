-- Settle the windows that rested on an unpublished year, of decisions and of tasks that are still open.
-- grain    one row per event, rule and round
-- params   calendar text, on date
-- repeat   safe: a settled window is left alone; one that a date agreed with the customer may have shortened stays
with spanned as ( -- a round of a cadence is counted from the contact before it
    select
        d.event_id,
        d.rule_id,
        d.round,
        d.anchor_on,
        d.opens_on,
        d.due_on,
        case when n.again then null else r.opens_workdays end as opens_workdays,
        case when n.again then r.recur_workdays else r.due_workdays end as due_workdays,
        case when n.again then r.recur_rolls else r.rolls end as rolls,
        coalesce(
            d.anchor_on + case when n.again then r.recur_days else r.due_days end,
            d.anchor_on + make_interval(months => case when n.again then r.recur_months else r.due_months end),
            d.opens_on + r.lasts_days,
            case when n.again then
                date_trunc('month', d.anchor_on) + make_interval(months => n.halves / 2, days => 15 * (n.halves % 2))
            end
        )::date as regular_on
    from decision as d
    inner join rule as r on d.rule_id = r.rule_id
    cross join lateral (
        select
            r.recurs and d.round <> r.round as again,
            r.recur_half_months + (extract(day from d.anchor_on) > 15)::int as halves
    ) as n
    where d.provisional and not (r.recur_agreed and n.again)
),

counted as (
    select
        s.event_id,
        s.rule_id,
        s.round,
        coalesce(opens.day, s.opens_on) as opens_on,
        coalesce(next.day, due.day, s.due_on) as due_on,
        coalesce(opens.provisional, false) or coalesce(due.provisional, false)
        or (s.rolls and coalesce(ends.provisional or next.provisional, true)) as provisional
    from spanned as s
    inner join calendar_day as f on s.anchor_on = f.day and f.calendar = :calendar
    left join calendar_day as opens
        on f.calendar = opens.calendar and opens.is_workday and opens.workday_number = f.workday_number + s.opens_workdays
    left join calendar_day as due
        on f.calendar = due.calendar and due.is_workday and due.workday_number = f.workday_number + s.due_workdays
    left join calendar_day as ends
        on s.rolls and f.calendar = ends.calendar and ends.day = coalesce(due.day, s.regular_on)
    left join calendar_day as next -- one that rolls does not end on a rest day
        on ends.calendar = next.calendar and next.is_workday
        and next.workday_number = ends.workday_number + case when ends.is_workday then 0 else 1 end
),

settled as (
    update decision as d
    set opens_on = c.opens_on, due_on = c.due_on, provisional = c.provisional
    from counted as c
    where d.event_id = c.event_id and d.rule_id = c.rule_id and d.round = c.round
    returning d.event_id, d.rule_id, d.round, d.opens_on, d.due_on
)

update task as t
set
    opens_on = s.opens_on,
    due_on = s.due_on,
    state = case
        when t.state = 'expired' and s.due_on >= :on then
            case when exists (
                select from list_line as l
                where l.event_id = t.event_id and l.rule_id = t.rule_id and l.round = t.round
            ) then 'issued' else 'planned' end
        when t.state in ('planned', 'issued', 'signed') and s.due_on < :on then 'expired'
        else t.state
    end,
    state_on = :on
from settled as s
where
    t.event_id = s.event_id and t.rule_id = s.rule_id and t.round = s.round
    and t.state in ('planned', 'issued', 'signed', 'expired')
    and (t.opens_on, t.due_on) is distinct from (s.opens_on, s.due_on)
