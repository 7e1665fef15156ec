-- Find when each person was hired and when an event of a kind last named them.
-- grain    one row per person
-- params   kind text (null: no events are looked at), attribute text: where an event names the person, by code or by name,
--          since date, zone text
-- repeat   read only
select
    s.staff,
    s.name,
    s.hired_on,
    s.left_on,
    (max(e.happened_at) at time zone :zone)::date as last_on
from staff as s
left join event as e
    on e.kind = cast(:kind as text)
    and not e.cancelled
    and e.happened_at >= (cast(:since as date)::timestamp at time zone :zone)
    and e.attributes ->> :attribute in (s.staff, s.name)
group by s.staff, s.name, s.hired_on, s.left_on
