-- Find what came again and again: at least n of the same customer and matter within a window of months, which rolls or is of
-- calendar months; in a row, where nothing of another matter came between.
-- The newest day in the span on which it was so is told; a window may be shorter than the span.
-- grain    one row per customer and matter
-- params   kind text, pack text, first date, last date, months int, at_least int, calendar boolean, in_a_row boolean,
--          across boolean (count departments instead)
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
        e.kind = :kind and not e.cancelled and e.customer is not null
        and e.happened_at > cast(:first as date) - make_interval(months => :months) - interval '2 days'
        and e.happened_at < cast(:last as date) + interval '2 days'
),

newest as (
    select
        g.customer,
        g.matter,
        g.happened_on as last_on,
        case
            when :calendar then date_trunc('month', g.happened_on) - make_interval(months => :months - 1) - interval '1 day'
            else g.happened_on - make_interval(months => :months)
        end as after,
        case when :in_a_row then (
            select max(o.happened_at)
            from governed as o
            where
                o.customer = g.customer and o.matter is distinct from g.matter and o.happened_at < max(g.happened_at)
        ) end as last_other
    from governed as g
    where g.happened_on between :first and :last and g.matter is not null
    group by g.customer, g.matter, g.happened_on
),

reached as (
    select
        g.customer,
        g.matter,
        n.last_on,
        max(coalesce(a.name, g.area, '')) as area,
        count(*) as times,
        array_agg(g.happened_on order by g.happened_on) as days
    from governed as g
    inner join newest as n on g.customer = n.customer and g.matter = n.matter
    left join area as a on g.area = a.area
    where
        g.happened_on <= n.last_on and g.happened_on > n.after
        and g.happened_at >= coalesce(n.last_other, g.happened_at)
    group by g.customer, g.matter, n.last_on
    having case when :across then count(distinct g.department) else count(*) end >= :at_least
),

found as (
    select distinct on (customer, matter)
        customer,
        matter,
        area,
        times,
        days
    from reached
    order by customer asc, matter asc, last_on desc
)

select
    customer,
    matter,
    area,
    times,
    days
from found
order by times desc, customer asc, matter asc
