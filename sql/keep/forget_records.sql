-- Forget the personal content of records whose retention has ended; counts for old reports stay.
-- grain    one row per record
-- params   pack text, on date, day_of_month int (none: filed on the day of the contact), later int, years int,
--          skips boolean (a month without that day files nothing; else on its last day)
-- repeat   safe: an emptied record is left alone
with filed as (
    select
        p.record_id,
        coalesce(f.filed_on, p.visited_on) as filed_on
    from record as p
    inner join rule as r on p.rule_id = r.rule_id
    inner join pack_version as v on r.pack_version_id = v.pack_version_id
    left join lateral ( -- the first filing day on or after the visit
        select min(least(m.month + cast(:day_of_month as int) - 1, m.last)) as filed_on
        from (
            select
                n.month,
                (n.month + interval '1 month' - interval '1 day')::date as last
            from (
                select (date_trunc('month', p.visited_on) + make_interval(months => :later + k))::date as month
                from generate_series(0, 2) as k
            ) as n
        ) as m
        where
            cast(:day_of_month as int) is not null -- least() would overlook a null
            and least(m.month + cast(:day_of_month as int) - 1, m.last) >= p.visited_on
            and not (:skips and extract(day from m.last) < :day_of_month)
    ) as f on true
    where v.pack = :pack and (p.visitor <> '' or p.joint_visitor <> '' or p.texts <> '{}')
)

update record as p
set visitor = '', joint_visitor = '', texts = '{}'
from filed as f
where p.record_id = f.record_id and (f.filed_on + make_interval(years => :years))::date < :on
