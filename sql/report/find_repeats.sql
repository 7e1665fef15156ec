-- Find what came again and again: at least n of the same customer and matter within a rolling window ending this month.
-- grain    one row per customer and matter
-- params   kind text, pack text, first date, last date, months int, at_least int, across boolean (count departments instead)
-- repeat   read only
with governed as (
    select
        e.*,
        (e.happened_at at time zone v.time_zone)::date as happened_on
    from event as e
    inner join pack_use as u on e.line = u.line and u.pack = :pack
    inner join pack_version as v
        on u.pack = v.pack
        and (e.happened_at at time zone v.time_zone)::date between v.effective_from and coalesce(v.effective_until, 'infinity')
    where
        e.kind = :kind and not e.cancelled and e.customer is not null and e.matter is not null
        and e.happened_at > cast(:first as date) - make_interval(months => :months) - interval '2 days'
        and e.happened_at < cast(:last as date) + interval '2 days'
),

latest as (
    select
        customer,
        matter,
        max(happened_on) as last_on
    from governed
    where happened_on between :first and :last
    group by customer, matter
)

select
    g.customer,
    g.matter,
    max(coalesce(a.name, g.area, '')) as area,
    count(*) as times,
    array_agg(g.happened_on order by g.happened_on) as days
from governed as g
inner join latest as l on g.customer = l.customer and g.matter = l.matter
left join area as a on g.area = a.area
where g.happened_on <= l.last_on and g.happened_on > l.last_on - make_interval(months => :months)
group by g.customer, g.matter
having case when :across then count(distinct g.department) else count(*) end >= :at_least
order by count(*) desc, g.customer, g.matter asc
