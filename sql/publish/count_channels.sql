-- Count the contacts of a pack made in a span of days, by their channel, and the lines on lists that wait for theirs, by what
-- they can be made by; long expired lines do not. One look at both: what comes in meanwhile is counted on one side.
-- grain    one row per channel of contacts made; one per version, rule and channels that a list offered (null: all allowed)
-- params   pack text, first date, last date, overdue_since date
-- repeat   read only
select
    c.channel,
    null as pack_version_id,
    null as rule,
    null as channels,
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
union all
select
    null,
    r.pack_version_id,
    r.rule,
    l.channels,
    count(*)
from list_line as l
inner join task as t using (event_id, rule_id, round)
inner join rule as r on l.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
where v.pack = :pack and t.state in ('issued', 'signed', 'expired') and t.due_on >= :overdue_since
group by r.pack_version_id, r.rule, l.channels
order by channel, pack_version_id, rule, channels
