-- Count the places in a pack's draws that were given on until the cut-off.
-- grain    one row per quota, stratum and reason
-- params   pack text, cut_off date
-- repeat   read only
select
    q.quota,
    s.stratum,
    s.reason,
    count(*) as places
from substitution as s
inner join quota as q on s.quota_id = q.quota_id
inner join pack_version as v on q.pack_version_id = v.pack_version_id
where v.pack = :pack and s.substituted_on <= :cut_off
group by q.quota, s.stratum, s.reason
order by q.quota asc, s.stratum asc, count(*) desc, s.reason asc
