-- Sum what happened, for the demo's last words.
-- grain    one row per figure
-- params   none
-- repeat   read only
select
    'read' as what,
    sum(rows_read)::bigint as counted
from batch
union all
select
    'refused',
    count(*)
from quarantine
where resolved_batch_id is null
union all
select
    'decisions',
    count(*)
from decision
union all
select
    'due',
    count(*)
from task
union all
select
    'issued',
    count(*)
from list_line
union all
select
    'lists',
    count(*)
from list
union all
select
    'answered',
    sum(rows_accepted)::bigint
from returned_file
union all
select
    'sent_back',
    sum(rows_refused)::bigint
from returned_file
union all
select
    'issues',
    count(*)
from issue
union all
select
    'chased',
    count(*)
from chase
union all
select
    'reports',
    count(*)
from report
where state = 'sent'
union all
select
    'reviews',
    count(*)
from review
where reviewed_on is not null
