-- Let tasks follow decisions that changed today: newly due, moved, withdrawn or restored.
-- grain    one row per event, rule and round
-- params   on date, pack_version_id int: whose decisions, while other packs plan beside it; none for all
-- repeat   safe: an equal task is left alone; what is done stays done, unless it was done before the window moved
insert into task as old (event_id, rule_id, round, customer, department, area, opens_on, due_on, state, state_on)
select
    d.event_id,
    d.rule_id,
    d.round,
    e.customer,
    e.department,
    e.area,
    d.opens_on,
    d.due_on,
    case
        when d.outcome <> 'due' then 'superseded'
        when d.due_on < :on then 'expired'
        else 'planned'
    end,
    :on
from (select distinct event_id from moved) as m
cross join lateral (
    select o.* from decision as o
    where
        o.event_id = m.event_id
        and (
            cast(:pack_version_id as int) is null
            or o.rule_id in (select r.rule_id from rule as r where r.pack_version_id = :pack_version_id)
        )
    offset 0 -- a look-up for each moved event: the tables were just filled, and their statistics lag behind
) as d
inner join event as e on d.event_id = e.event_id
left join lateral (
    select o.event_id from task as o
    where o.event_id = d.event_id and o.rule_id = d.rule_id and o.round = d.round
    offset 0
) as t on true
where d.outcome = 'due' or t.event_id is not null
order by d.event_id, d.rule_id, d.round
on conflict (event_id, rule_id, round) do update
set
    customer = excluded.customer,
    department = excluded.department,
    area = excluded.area,
    opens_on = excluded.opens_on,
    due_on = excluded.due_on,
    state = case
        when excluded.state = 'superseded' then 'superseded'
        when excluded.state = 'expired' and old.state not in ('done', 'late') then 'expired'
        when old.state in ('superseded', 'expired') then 'planned'
        when old.state in ('done', 'late') and not exists (
            select from record as p
            where
                p.event_id = old.event_id and p.rule_id = old.rule_id and p.round = old.round
                and p.result = 'reached' and p.visited_on >= excluded.opens_on
        ) then 'planned'
        else old.state
    end,
    state_on = excluded.state_on
where
    (
        (old.customer, old.department, old.area, old.opens_on, old.due_on)
        is distinct from (excluded.customer, excluded.department, excluded.area, excluded.opens_on, excluded.due_on)
        or (excluded.state = 'superseded') <> (old.state = 'superseded')
    )
