-- Forget the personal content of records whose retention has ended; counts for old reports stay.
-- grain    one row per record
-- params   pack text, on date, day_of_month int, later int, years int
-- repeat   safe: an emptied record is left alone
update record as p
set
    visitor = '', joint_visitor = '', texts = '{}', ratings = p.ratings - 'comment'
from rule as r
inner join pack_version as v on r.pack_version_id = v.pack_version_id
where
    p.rule_id = r.rule_id
    and v.pack = :pack
    and (p.visitor <> '' or p.joint_visitor <> '' or p.texts <> '{}')
    and (
        least(
            date_trunc('month', p.visited_on + make_interval(months => :later))
            + make_interval(days => :day_of_month - 1),
            date_trunc('month', p.visited_on + make_interval(months => :later)) + interval '1 month -1 day'
        ) + make_interval(years => :years)
    )::date < :on
