-- Find when each person was hired or left, and when an event of a kind last named them.
-- grain    one row per person
-- params   kind text (null: no events are looked at), attribute text: where an event names the person, by code or by name,
--          since date, on date, zone text
-- repeat   read only
with success as (
    select
        e.attributes ->> :attribute as person,
        max(e.happened_at) as last_at
    from event as e
    where
        e.kind = cast(:kind as text)
        and not e.cancelled
        and e.happened_at >= (cast(:since as date)::timestamp at time zone :zone)
        and e.happened_at < ((cast(:on as date) + 1)::timestamp at time zone :zone)
    group by e.attributes ->> :attribute
)

select
    s.staff,
    s.name,
    s.hired_on,
    s.left_on,
    (greatest(c.last_at, n.last_at) at time zone :zone)::date as last_on
from staff as s
left join success as c on s.staff = c.person
left join success as n on s.name = n.person
