-- Find out what a pack version's rules ask for, so that a run leaves out the steps that nobody needs.
-- grain    one row
-- params   pack_version_id int
-- repeat   read only
select
    coalesce(bool_or(r.opens_workdays is not null or r.due_workdays is not null), false) as workdays,
    coalesce(bool_or(r.rolls), false) as rolls,
    coalesce(bool_or('repeated' = any(r.conditions)), false) as repeats,
    coalesce(bool_or(r.recurs), false) as recurs,
    exists(
        select from quota as q
        where
            q.pack_version_id = :pack_version_id
            and q.unit = 'customer'
            and (q.decided is not null or q.numerator <> q.denominator)
    ) as customers,
    exists(
        select from substitution as s
        inner join quota as q on s.quota_id = q.quota_id
        where q.pack_version_id = :pack_version_id
    ) as substitutes
from rule as r
where r.pack_version_id = :pack_version_id
