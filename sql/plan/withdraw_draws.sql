-- Take events that were withdrawn or reclassified, or came back, out of or into their stratum's count; not those that share the
-- place of a customer, who is counted in `recount_customers`.
-- grain    one row per quota, stratum and batch
-- params   none
-- repeat   safe: counts only decisions whose outcome is about to change
insert into draw (quota_id, stratum, batch_id, eligible, drawn, eligible_withdrawn, drawn_withdrawn, key_fingerprint)
select
    c.quota_id,
    c.stratum,
    c.first_batch_id,
    0,
    0,
    sum(c.leaves),
    coalesce(sum(c.leaves) filter (where c.drawn), 0),
    ''
from (
    select
        d.quota_id,
        d.stratum,
        d.drawn,
        n.first_batch_id,
        n.event_id,
        n.rule_id,
        case when n.outcome in ('superseded', 'suppressed', 'out_of_scope') then 1 else -1 end as leaves
    from decided as n
    inner join decision as d on n.event_id = d.event_id and n.rule_id = d.rule_id and n.round = d.round
    where
        not n.is_new
        and n.draws
        and d.drawn is not null
        and (n.outcome in ('superseded', 'suppressed', 'out_of_scope'))
        <> (d.outcome in ('superseded', 'suppressed', 'out_of_scope'))
    union all
    select
        d.quota_id,
        d.stratum,
        d.drawn,
        e.first_batch_id,
        d.event_id,
        d.rule_id,
        1
    from event as e
    inner join decision as d on e.event_id = d.event_id and d.drawn is not null
    inner join rule as r on d.rule_id = r.rule_id and r.draws
    where
        e.batch_id in (select o.batch_id from todo as o)
        and e.first_batch_id <> e.batch_id
        and r.pack_version_id in (select o.pack_version_id from todo as o)
        and d.outcome not in ('superseded', 'suppressed', 'out_of_scope')
        and not exists (
            select from candidate as c
            where c.event_id = d.event_id and c.rule_id = d.rule_id and c.round = d.round
        )
) as c
where
    c.quota_id not in (select q.quota_id from quota as q where q.unit = 'customer')
    or not exists (select from draw_share as s where s.event_id = c.event_id and s.rule_id = c.rule_id)
group by c.quota_id, c.stratum, c.first_batch_id
on conflict (quota_id, stratum, batch_id) do update
set
    eligible_withdrawn = draw.eligible_withdrawn + excluded.eligible_withdrawn,
    drawn_withdrawn = draw.drawn_withdrawn + excluded.drawn_withdrawn
