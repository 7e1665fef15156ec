-- Find a place in a draw by one of the tasks it stands for: whether it was drawn, and what the tasks of it have come to.
-- grain    one row, or none where the event took no part in a draw
-- params   event_id bigint, rule_id int
-- repeat   read only
select
    p.event_id,
    p.rule_id as rule_out,
    p.round,
    q.quota,
    p.quota_id,
    p.stratum,
    p.outcome,
    p.drawn,
    e.customer,
    s.event_in,
    s.rule_in,
    y.round as round_in,
    s.reason as substituted_for,
    s.substituted_by,
    s.substituted_on,
    min(d.due_on) filter (where d.outcome = 'due') as due_on,
    min(a.visited_on) as answered_on
from rule as r
inner join rule as w on r.quota_id = w.quota_id and r.kind = w.kind and w.draws
inner join decision as p on w.rule_id = p.rule_id and p.event_id = :event_id and p.drawn is not null
inner join quota as q on w.quota_id = q.quota_id
inner join event as e on p.event_id = e.event_id
inner join rule as o on w.quota_id = o.quota_id and w.kind = o.kind
inner join decision as d on p.event_id = d.event_id and o.rule_id = d.rule_id and d.drawn is not null
left join record as a
    on d.event_id = a.event_id and d.rule_id = a.rule_id and d.round = a.round and a.result = 'reached'
left join substitution as s on p.event_id = s.event_out and p.rule_id = s.rule_out
left join rule as y on s.rule_in = y.rule_id
where r.rule_id = :rule_id
group by p.event_id, p.rule_id, p.round, q.quota_id, e.event_id, s.substitution_id, y.rule_id
