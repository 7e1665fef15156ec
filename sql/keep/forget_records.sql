-- Forget the personal content of records whose retention has ended; counts for old reports stay.
-- grain    one row per record
-- params   pack text, on date, day_of_month int (none: filed on the day of the contact), later int, years int
-- repeat   safe: an emptied record is left alone
with dated as (
    select
        p.record_id,
        p.visited_on,
        date_trunc('month', p.visited_on) + make_interval(months => :later) as this_month,
        date_trunc('month', p.visited_on) + make_interval(months => :later + 1) as next_month
    from record as p
    inner join rule as r on p.rule_id = r.rule_id
    inner join pack_version as v on r.pack_version_id = v.pack_version_id
    where v.pack = :pack and (p.visitor <> '' or p.joint_visitor <> '' or p.texts <> '{}')
),

filed as (
    select
        record_id,
        visited_on,
        case
            when cast(:day_of_month as int) is null then visited_on else
                least(this_month + make_interval(days => :day_of_month - 1), next_month - interval '1 day')::date
        end as soon,
        least(
            next_month + make_interval(days => :day_of_month - 1), next_month + interval '1 month' - interval '1 day'
        )::date as late
    from dated
)

update record as p
set visitor = '', joint_visitor = '', texts = '{}'
from filed as f
where
    p.record_id = f.record_id
    and (case when f.visited_on > f.soon then f.late else f.soon end + make_interval(years => :years))::date < :on
