-- Find who takes a place in a draw: the first in its order who was not drawn, gave no place away, is another customer, may be
-- called, and whose windows have not ended.
-- grain    one row, or none
-- params   quota_id int, stratum text, customer text, on date
-- repeat   read only
select
    d.event_id,
    d.rule_id,
    d.round
from decision as d
inner join rule as w on d.rule_id = w.rule_id and w.draws
inner join event as e on d.event_id = e.event_id
left join customer as c on e.customer = c.customer
where
    d.quota_id = :quota_id
    and d.stratum = :stratum
    and not d.drawn
    and d.outcome = 'not_drawn'
    and not coalesce(c.do_not_contact, false)
    and not coalesce(e.customer = :customer, false)
    and not exists (
        select from substitution as s
        where s.event_out = d.event_id and s.rule_out = d.rule_id
    )
    and not exists (
        select from rule as r
        inner join decision as o on r.rule_id = o.rule_id
        where
            r.quota_id = w.quota_id and r.kind = w.kind
            and o.event_id = d.event_id and o.drawn is not null
            and o.outcome = 'not_drawn' and o.due_on < :on
    )
order by d.draw_position, e.first_batch_id, e.source collate "C", e.event_key collate "C"
limit 1
