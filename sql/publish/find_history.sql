-- Find what happened with some customers lately, for whoever calls them: events, and contacts with what was said.
-- grain    one row per event or contact
-- params   customers text[], line text, since date, on date, zone text
-- repeat   read only
with told as (
    select distinct on (p.event_id, p.rule_id, p.round)
        e.customer,
        p.visited_on,
        r.name,
        p.result,
        p.unsatisfactory,
        p.unsolved,
        p.texts,
        i.state
    from event as e
    inner join record as p on e.event_id = p.event_id
    inner join rule as r on p.rule_id = r.rule_id
    left join issue as i on p.event_id = i.event_id and p.rule_id = i.rule_id and p.round = i.round
    where e.customer = any(:customers) and e.line = :line and p.visited_on between :since and :on
    order by p.event_id asc, p.rule_id asc, p.round asc, p.record_id desc
)

select
    e.customer,
    (e.happened_at at time zone :zone)::date as day,
    e.kind,
    null as rule,
    coalesce(e.subject, e.matter) as said,
    null as result,
    false as unsatisfactory,
    null as state
from event as e
where
    e.customer = any(:customers) and e.line = :line and not e.cancelled
    and e.kind not like 'period.%' and e.kind not like 'occasion.%'
    and (e.happened_at at time zone :zone)::date between :since and :on
union all
select
    t.customer,
    t.visited_on,
    null,
    t.name,
    (select string_agg(v.value, '；' order by v.key) from jsonb_each_text(t.texts) as v),
    t.result,
    t.unsatisfactory,
    t.state
from told as t
order by customer asc, day desc, kind asc nulls first
