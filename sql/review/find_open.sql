-- Find the reviews of a pack that somebody still owes, with what they look at.
-- grain    one row per review
-- params   pack text, purpose text
-- repeat   read only
select
    w.review_id,
    w.purpose,
    w.asked_on,
    w.due_on,
    w.list_id,
    p.event_id,
    p.rule_id,
    p.round,
    p.visited_on,
    p.channel,
    p.visitor,
    p.ratings,
    p.texts,
    r.name as rule_name,
    coalesce(c.name, e.customer, '') as customer,
    coalesce(e.subject, e.matter, '') as subject
from review as w
inner join record as p on w.record_id = p.record_id
inner join rule as r on p.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
inner join event as e on p.event_id = e.event_id
left join customer as c on e.customer = c.customer
where v.pack = :pack and w.purpose = :purpose and w.reviewed_on is null
order by w.due_on, w.review_id
