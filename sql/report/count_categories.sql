-- Count the issues raised in a span of days by their category.
-- grain    one row per category
-- params   pack text, first date, last date
-- repeat   read only
select
    coalesce(i.category, '') as category,
    count(*) as issues
from issue as i
inner join rule as r on i.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
where v.pack = :pack and i.raised_on between :first and :last
group by coalesce(i.category, '')
order by count(*) desc, coalesce(i.category, '') asc
