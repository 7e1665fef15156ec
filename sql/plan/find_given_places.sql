-- Find the places that were given on and that this run drew anew, because decisions were made again from the events.
-- grain    one row per substitution, in the order of the log
-- params   pack_version_id int
-- repeat   read only
select
    s.substitution_id,
    s.event_out,
    s.event_in
from substitution as s
inner join quota as q on s.quota_id = q.quota_id
where
    q.pack_version_id = :pack_version_id
    and (
        s.event_out in (select c.event_id from candidate as c where c.is_new)
        or s.event_in in (select c.event_id from candidate as c where c.is_new)
    )
order by s.substitution_id
