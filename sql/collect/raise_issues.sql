-- Raise an issue for each unsatisfactory or unsolved answer of a returned file, with the department its category names.
-- grain    one row per task
-- params   on date, sha256 text, categories text[], solved_by text[]: the department of each category
-- repeat   safe: a task has one issue
insert into issue (event_id, rule_id, round, department, cause, description, raised_on, provisional, state, state_on, category)
select distinct on (p.event_id, p.rule_id, p.round)
    p.event_id,
    p.rule_id,
    p.round,
    coalesce(c.department, d.department, a.department),
    case when p.unsatisfactory then 'unsatisfactory' else 'unsolved' end,
    concat_ws(
        '；',
        coalesce(e.subject, e.matter),
        (select string_agg(v.value, '、' order by v.key) from jsonb_each_text(p.ratings) as v),
        nullif(p.texts ->> 'shortcomings', '')
    ),
    :on,
    false,
    'raised',
    :on,
    p.category
from record as p
inner join event as e on p.event_id = e.event_id
left join department as d on e.department = d.department
left join area as a on e.area = a.area
left join unnest(cast(:categories as text[]), cast(:solved_by as text[])) as c (category, department)
    on p.category = c.category
where
    p.returned_sha256 = :sha256 and (p.unsatisfactory or p.unsolved)
    and coalesce(c.department, d.department, a.department) is not null
order by p.event_id, p.rule_id, p.round, p.record_id
on conflict (event_id, rule_id, round) do nothing
