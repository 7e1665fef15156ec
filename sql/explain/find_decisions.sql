-- Find the decisions of one event with what became of them.
-- grain    one row per decision
-- params   event_id bigint
-- repeat   read only
select
    d.event_id,
    d.rule_id,
    d.round,
    d.outcome,
    d.reason,
    d.anchor_on,
    d.opens_on,
    d.due_on,
    d.provisional,
    d.quota_id,
    d.stratum,
    d.draw_position,
    d.drawn,
    d.decided_on,
    v.pack,
    v.pack_version_id,
    v.document_code,
    v.revision,
    v.effective_from,
    v.sha256,
    v.time_zone,
    r.rule,
    coalesce(q.numerator, decided.numerator) as numerator,
    coalesce(q.denominator, decided.denominator) as denominator,
    t.state,
    t.state_on,
    l.line,
    l.lead_role,
    l.lead_name,
    l.assignment_clause,
    l.call_sheet,
    l.planned_on,
    l.channels,
    f.batch_code,
    f.issued_on,
    f.signed_on
from decision as d
inner join rule as r on d.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
left join quota as q on d.quota_id = q.quota_id
left join rate_decision as decided
    on q.decided = decided.parameter
    and decided.period = case when q.decided is not null then to_date(split_part(d.stratum, '/', 1), 'YYYY-MM') end
left join task as t on d.event_id = t.event_id and d.rule_id = t.rule_id and d.round = t.round
left join list_line as l on d.event_id = l.event_id and d.rule_id = l.rule_id and d.round = l.round
left join list as f on l.list_id = f.list_id
where d.event_id = :event_id
order by v.pack, d.rule_id, d.round
