-- Stand every contact of a span of days by its channel, hours, answers or its record's return; for complaints, as made.
-- grain    one row per metric, event, rule and round, in the temporary table `standing`
-- params   metric text, said text: share, satisfaction, problems, hours, returns or complaints, channels text[], days int,
--          bad jsonb: the bad answers of each question that satisfaction is about; none for all,
--          rule text: whose contacts are no contacts, because they are about complaints, pack text, first date, last date,
--          cut_off date
-- repeat   once for each metric of the temporary table; in a report the key refuses a second
insert into standing (metric, event_id, rule_id, round, counted_on, department, area, drawn, standing)
select distinct on (p.event_id, p.rule_id, p.round)
    :metric,
    p.event_id,
    p.rule_id,
    p.round,
    p.visited_on,
    coalesce(e.department, ''),
    coalesce(e.area, ''),
    true,
    case
        when :said = 'share' and p.channel = any(cast(:channels as text[])) then 'missed'
        when
            :said = 'satisfaction'
            and case
                when cast(:bad as jsonb) is null then p.unsatisfactory
                else exists (select from jsonb_each(cast(:bad as jsonb)) as b where b.value ? (p.ratings ->> b.key))
            end then 'missed'
        when :said = 'problems' and not (p.unsatisfactory or p.unsolved) then 'missed'
        when :said = 'hours' and not p.in_preferred_hours then 'missed'
        when :said = 'returns' and p.recorded_on > p.visited_on + cast(:days as int) then 'late'
        else 'in_time'
    end
from record as p
inner join rule as r on p.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
inner join event as e on p.event_id = e.event_id
where
    (:said <> 'complaints' or r.rule <> :rule)
    and (:said <> 'hours' or p.in_preferred_hours is not null)
    and v.pack = :pack and p.result = 'reached' and p.visited_on between :first and :last and p.recorded_on <= :cut_off
order by p.event_id asc, p.rule_id asc, p.round asc, p.record_id desc
