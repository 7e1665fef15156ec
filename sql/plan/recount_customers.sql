-- Take customers out of their stratum's count with the last of their events there, and back in with the first.
-- grain    one row per quota, stratum and batch
-- params   none
-- repeat   safe: counts only what `turned` changes, and changes it
with place as (
    select distinct
        s.quota_id,
        s.stratum,
        s.customer
    from turned as t
    inner join draw_share as s on t.event_id = s.event_id and t.rule_id = s.rule_id
),

kept as ( -- what follows still sees the counts of before
    update draw_share as s
    set counted = t.counted
    from turned as t
    where s.event_id = t.event_id and s.rule_id = t.rule_id
),

changed as (
    select
        s.quota_id,
        s.stratum,
        s.customer,
        max(e.first_batch_id) filter (where s.leads) as batch_id,
        bool_or(d.drawn) filter (where s.leads) as drawn,
        bool_or(s.counted)::int - bool_or(coalesce(t.counted, s.counted))::int as leaves
    from place as p
    inner join draw_share as s
        on p.quota_id = s.quota_id and p.stratum = s.stratum and p.customer = s.customer
    inner join event as e on s.event_id = e.event_id
    left join decision as d on s.event_id = d.event_id and s.rule_id = d.rule_id and d.drawn is not null
    left join turned as t on s.event_id = t.event_id and s.rule_id = t.rule_id
    group by s.quota_id, s.stratum, s.customer
),

summed as (
    select
        quota_id,
        stratum,
        batch_id,
        sum(leaves) as eligible,
        coalesce(sum(leaves) filter (where drawn), 0) as drawn
    from changed
    where leaves <> 0
    group by quota_id, stratum, batch_id
)

update draw as l
set
    eligible_withdrawn = l.eligible_withdrawn + s.eligible,
    drawn_withdrawn = l.drawn_withdrawn + s.drawn
from summed as s
where l.quota_id = s.quota_id and l.stratum = s.stratum and l.batch_id = s.batch_id
