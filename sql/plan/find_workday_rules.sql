-- Find the staged packs' rules that count in working days.
-- grain    one row per rule
-- params   none
-- repeat   read only
select r.rule_id
from rule as r
where
    (r.opens_workdays is not null or r.due_workdays is not null)
    and r.pack_version_id in (select t.pack_version_id from todo as t)
