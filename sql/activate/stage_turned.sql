-- Stage the events of customers' places in draws that earlier versions of a pack count no longer, as they were withdrawn.
-- grain    one row per event and rule that draws, in the temporary table `turned`
-- params   pack_version_id int: the new version
-- repeat   safe: a temporary table
create temporary table turned on commit drop as
select
    s.event_id,
    s.rule_id,
    false as counted
from pack_version as n
inner join pack_version as v on n.pack = v.pack and n.effective_from > v.effective_from
inner join quota as q on v.pack_version_id = q.pack_version_id and q.unit = 'customer'
inner join draw_share as s on q.quota_id = s.quota_id and s.counted
inner join decision as d on s.event_id = d.event_id and s.rule_id = d.rule_id and d.drawn is not null
where n.pack_version_id = :pack_version_id and d.outcome = 'superseded' and d.reason = 'reclassified'
