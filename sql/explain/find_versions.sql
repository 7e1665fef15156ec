-- Find the pack versions of an event's line, and whether each has looked at the event's batch and decided anything.
-- grain    one row per pack version; one without a version for a pack that has none
-- params   event_id bigint
-- repeat   read only
select
    u.pack,
    u.adopted_on,
    v.pack_version_id,
    v.document_code,
    v.effective_from,
    v.effective_until,
    v.activated_on,
    coalesce(e.starts_on, (e.happened_at at time zone v.time_zone)::date) as event_on,
    p.planned_on,
    array(
        select distinct r.kind from rule as r
        where r.pack_version_id = v.pack_version_id and r.kind is not null
        order by r.kind
    ) as kinds,
    exists(
        select from decision as d
        inner join rule as r on d.rule_id = r.rule_id
        where d.event_id = e.event_id and r.pack_version_id = v.pack_version_id
    ) as decided
from event as e
inner join pack_use as u on e.line = u.line
left join pack_version as v on u.pack = v.pack
left join planned_batch as p on v.pack_version_id = p.pack_version_id and e.line = p.line and e.batch_id = p.batch_id
where e.event_id = :event_id
order by u.pack, v.effective_from
