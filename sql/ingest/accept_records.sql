-- Accept records that were kept elsewhere before.
-- grain    one row per task and content
-- params   unsatisfactory text[], on date
-- repeat   safe
insert into record (
    event_id, rule_id, round, content_hash, recorded_on, visited_on, agreed_on, result, channel, visitor, customer_signed,
    ratings, texts, unsatisfactory, unsolved, second_visit_wanted
)
select distinct on (s.event_key)
    t.event_id,
    t.rule_id,
    t.round,
    md5(concat_ws('|', s.visited_on, s.agreed_on, s.result, s.channel, s.visitor, s.satisfaction, s.suggestions)),
    s.visited_on,
    s.visited_on,
    s.agreed_on,
    s.result,
    coalesce(s.channel, 'phone'),
    coalesce(s.visitor, ''),
    false,
    jsonb_strip_nulls(jsonb_build_object('satisfaction', s.satisfaction)),
    jsonb_strip_nulls(jsonb_build_object('suggestions', s.suggestions)),
    coalesce(s.satisfaction = any(:unsatisfactory), false),
    false,
    false
from staged as s
inner join event as e on s.of_source = e.source and s.of_event = e.event_key
inner join task as t on e.event_id = t.event_id and t.state <> 'superseded'
inner join rule as r on t.rule_id = r.rule_id and s.clause = r.clause
where s.reasons is null
order by s.event_key, (s.visited_on between t.opens_on and t.due_on) desc, abs(t.due_on - s.visited_on)
on conflict (event_id, rule_id, round, content_hash) do nothing
