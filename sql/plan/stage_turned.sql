-- Stage the events of places shared by a customer that now count and did not, or the other way round.
-- grain    one row per event and rule that draws
-- params   none
-- repeat   safe: a stage of this run alone, under the pack's lock
create unlogged table turned as
with touched as (
    select
        s.event_id,
        s.rule_id
    from sharing as s
    union
    select
        s.event_id,
        s.rule_id
    from todo as t
    inner join event as e on t.batch_id = e.batch_id and e.first_batch_id <> e.batch_id
    inner join draw_share as s on e.event_id = s.event_id
    inner join rule as r on s.rule_id = r.rule_id and t.pack_version_id = r.pack_version_id
)

select
    s.event_id,
    s.rule_id,
    n.counted
from touched as t
inner join draw_share as s on t.event_id = s.event_id and t.rule_id = s.rule_id
cross join lateral (
    select exists(
        select from decision as d
        where
            d.event_id = s.event_id and d.rule_id = s.rule_id and d.drawn is not null
            and d.outcome not in ('superseded', 'suppressed', 'out_of_scope')
    ) as counted
) as n
where n.counted <> s.counted
