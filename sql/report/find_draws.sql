-- Sum the draw ledger of the strata that the decisions of a span of days belong to.
-- grain    one row per quota and stratum
-- params   pack text, first date, last date: whole months
-- repeat   read only
select
    q.quota,
    q.clause,
    q.name,
    q.unit,
    l.stratum,
    coalesce(q.numerator, decided.numerator) as numerator,
    coalesce(q.denominator, decided.denominator) as denominator,
    sum(l.eligible - l.eligible_withdrawn) as eligible,
    sum(l.drawn - l.drawn_withdrawn) as drawn,
    max(l.key_fingerprint) as key_fingerprint
from draw as l
inner join quota as q on l.quota_id = q.quota_id
inner join pack_version as v on q.pack_version_id = v.pack_version_id
left join rate_decision as decided on q.decided = decided.parameter and left(decided.period::text, 7) = left(l.stratum, 7)
where
    v.pack = :pack
    and (
        (q.monthly and left(l.stratum, 7) between left(cast(:first as text), 7) and left(cast(:last as text), 7))
        or (
            not q.monthly and exists (
                select from batch as b
                where b.batch_id = l.batch_id and b.received_on between :first and :last
            )
        )
    )
group by
    q.quota, q.clause, q.name, q.unit, l.stratum, q.numerator, q.denominator, decided.numerator, decided.denominator
having coalesce(q.numerator, decided.numerator) <> coalesce(q.denominator, decided.denominator)
order by q.quota, l.stratum
