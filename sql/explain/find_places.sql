-- Find the place in a draw that an event gave on, and the one it took, with the event on the other side.
-- grain    one row per substitution and side
-- params   event_id bigint, rule_id int
-- repeat   read only
select
    p.gave,
    'T' || p.other_id || '-' || p.other_rule_id || '-' || w.round as code,
    e.source,
    e.event_key,
    p.reason,
    p.note,
    p.substituted_by,
    p.substituted_on
from (
    select
        true as gave,
        s.event_out as own_id,
        s.rule_out as own_rule_id,
        s.event_in as other_id,
        s.rule_in as other_rule_id,
        s.*
    from substitution as s
    union all
    select
        false,
        s.event_in,
        s.rule_in,
        s.event_out,
        s.rule_out,
        s.*
    from substitution as s
) as p
inner join rule as own on p.own_rule_id = own.rule_id
inner join rule as r on own.quota_id = r.quota_id and own.kind = r.kind
inner join rule as w on p.other_rule_id = w.rule_id
inner join event as e on p.other_id = e.event_id
where p.own_id = :event_id and r.rule_id = :rule_id
order by p.substitution_id
