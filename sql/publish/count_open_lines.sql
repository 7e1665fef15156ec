-- Count the lines of a pack that stand on lists and wait for a contact, by what they can be made by; long expired ones do not.
-- grain    one row per version, rule and channels that the list offered (null: all that the rule allows)
-- params   pack text, overdue_since date
-- repeat   read only
select
    r.pack_version_id,
    r.rule,
    l.channels,
    count(*) as contacts
from list_line as l
inner join task as t using (event_id, rule_id, round)
inner join rule as r on l.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
where v.pack = :pack and t.state in ('issued', 'signed', 'expired') and t.due_on >= :overdue_since
group by r.pack_version_id, r.rule, l.channels
order by r.pack_version_id, r.rule, l.channels
