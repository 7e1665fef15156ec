-- Find the open issues with the day of their last news, for the packs whose ledger must be kept up to date.
-- grain    one row per issue
-- params   pack_version_ids int[]
-- repeat   read only
select
    i.issue_id,
    i.department,
    i.cause,
    i.due_on,
    i.state,
    f.pack_version_id,
    greatest(i.received_on, max(a.responded_on)) as updated_on
from issue as i
inner join rule as f on i.rule_id = f.rule_id and f.pack_version_id = any(:pack_version_ids)
left join response as a on i.issue_id = a.issue_id
where i.state <> 'solved' and i.received_on is not null
group by i.issue_id, i.department, i.cause, i.due_on, i.state, f.pack_version_id, i.received_on
order by i.issue_id
