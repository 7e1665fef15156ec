-- Count the contacts of a pack in a span of days by their channel.
-- grain    one row per channel
-- params   pack text, first date, last date
-- repeat   read only
select
    c.channel,
    count(*) as contacts
from (
    select distinct on (p.event_id, p.rule_id, p.round) p.channel
    from record as p
    inner join rule as r on p.rule_id = r.rule_id
    inner join pack_version as v on r.pack_version_id = v.pack_version_id
    where v.pack = :pack and p.result = 'reached' and p.visited_on between :first and :last
    order by p.event_id asc, p.rule_id asc, p.round asc, p.record_id desc
) as c
group by c.channel
order by c.channel
