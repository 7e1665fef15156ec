-- Count the answers to every question of the contacts of a span of days.
-- grain    one row per question and answer
-- params   pack text, first date, last date, cut_off date
-- repeat   read only
select
    a.key as item,
    a.value as answer,
    count(*) as answers
from (
    select distinct on (p.event_id, p.rule_id, p.round) p.ratings
    from record as p
    inner join rule as r on p.rule_id = r.rule_id
    inner join pack_version as v on r.pack_version_id = v.pack_version_id
    where v.pack = :pack and p.result = 'reached' and p.visited_on between :first and :last and p.recorded_on <= :cut_off
    order by p.event_id asc, p.rule_id asc, p.round asc, p.record_id desc
) as c
cross join lateral jsonb_each_text(c.ratings) as a
group by a.key, a.value
order by a.key, a.value
