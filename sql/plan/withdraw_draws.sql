-- Take events that were withdrawn, or came back, out of or into their stratum's count.
-- grain    one row per quota, stratum and batch
-- params   none
-- repeat   safe: counts only decisions whose outcome is about to change
insert into draw (quota_id, stratum, batch_id, eligible, drawn, eligible_withdrawn, drawn_withdrawn, key_fingerprint)
select
    d.quota_id,
    d.stratum,
    c.first_batch_id,
    0,
    0,
    sum(case when c.outcome in ('superseded', 'suppressed', 'out_of_scope') then 1 else -1 end),
    coalesce(
        sum(case when c.outcome in ('superseded', 'suppressed', 'out_of_scope') then 1 else -1 end) filter (where d.drawn), 0
    ),
    ''
from decided as c
inner join decision as d on c.event_id = d.event_id and c.rule_id = d.rule_id and c.round = d.round
where
    not c.is_new
    and c.draws
    and d.drawn is not null
    and (c.outcome in ('superseded', 'suppressed', 'out_of_scope'))
    <> (d.outcome in ('superseded', 'suppressed', 'out_of_scope'))
group by d.quota_id, d.stratum, c.first_batch_id
on conflict (quota_id, stratum, batch_id) do update
set
    eligible_withdrawn = draw.eligible_withdrawn + excluded.eligible_withdrawn,
    drawn_withdrawn = draw.drawn_withdrawn + excluded.drawn_withdrawn
