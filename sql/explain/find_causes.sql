-- Find the records and issues of one event: what duties that follow a contact are counted from.
-- grain    one row per record and per issue; of each task the newest record first
-- params   event_id bigint
-- repeat   read only
select
    r.pack_version_id,
    r.rule,
    p.round,
    'record' as what,
    p.record_id as number,
    p.result,
    p.visited_on,
    p.agreed_on,
    null::date as raised_on,
    p.recorded_on,
    p.unsatisfactory,
    p.second_visit_wanted,
    d.due_on,
    'T' || p.event_id || '-' || p.rule_id || '-' || p.round as code,
    f.name as file
from record as p
inner join rule as r on p.rule_id = r.rule_id
left join decision as d on p.event_id = d.event_id and p.rule_id = d.rule_id and p.round = d.round
left join returned_file as f on p.returned_sha256 = f.sha256
where p.event_id = :event_id
union all
select
    i.pack_version_id,
    i.rule,
    i.number,
    'issue',
    i.issue_id,
    i.state,
    case when i.state = 'solved' then i.state_on end,
    null,
    i.raised_on,
    i.state_on,
    false,
    false,
    null,
    'W' || i.issue_id,
    null
from (
    select
        o.issue_id,
        o.state,
        o.state_on,
        o.raised_on,
        r.pack_version_id,
        r.rule,
        row_number() over (partition by r.pack_version_id order by o.issue_id) as number
    from issue as o
    inner join rule as r on o.rule_id = r.rule_id
    where o.event_id = :event_id
) as i
order by what asc, number desc
