-- List the newest reports.
-- grain    one row per report
-- params   none
-- repeat   read only
select
    pack,
    period,
    revision,
    state,
    reviewed_by,
    approved_by
from report
order by last_on desc, pack asc, revision desc
limit 12
