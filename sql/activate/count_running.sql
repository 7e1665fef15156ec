-- Count what runs under the versions of a pack, before a new one begins on a day.
-- grain    one row; `newest` is null where the pack has no version
-- params   pack text, first date: the new version's first day
-- repeat   read only
with earlier as (
    select
        v.pack_version_id,
        v.effective_from,
        v.time_zone
    from pack_version as v
    where v.pack = :pack and v.effective_from < :first
),

duty as (
    select
        r.rule_id,
        r.recurs,
        r.recur_at_most,
        v.time_zone
    from rule as r
    inner join earlier as v on r.pack_version_id = v.pack_version_id
),

ahead as (
    select
        d.event_id,
        exists(
            select from (
                select l.rule_id from list_line as l where l.event_id = d.event_id
                union all
                select p.rule_id from record as p where p.event_id = d.event_id
            ) as done
            inner join duty as o on done.rule_id = o.rule_id
        ) as handed_out
    from decision as d
    inner join duty as r on d.rule_id = r.rule_id
    inner join event as e on d.event_id = e.event_id
    where
        d.outcome not in ('superseded', 'out_of_scope')
        and coalesce(e.starts_on, (e.happened_at at time zone r.time_zone)::date) >= :first
)

select
    (select max(v.effective_from) from earlier as v) as newest,
    (
        select count(*) from task as t
        inner join duty as r on t.rule_id = r.rule_id
        where
            t.state in ('planned', 'issued', 'signed')
            and not exists (select from ahead as a where a.event_id = t.event_id and not a.handed_out)
    ) as tasks,
    (
        select count(*) from decision as d
        inner join duty as r on d.rule_id = r.rule_id
        where d.outcome = 'awaiting'
    ) as waiting,
    (
        select count(*)
        from (
            select distinct on (d.event_id, d.rule_id)
                d.outcome,
                d.round,
                r.recur_at_most
            from decision as d
            inner join duty as r on d.rule_id = r.rule_id
            where r.recurs
            order by d.event_id asc, d.rule_id asc, d.round desc
        ) as n
        where n.outcome = 'due' and (n.recur_at_most is null or n.round < n.recur_at_most)
    ) as cadences,
    (
        select count(*) from issue as i
        inner join duty as r on i.rule_id = r.rule_id
        where i.state <> 'solved'
    ) as issues,
    (
        select count(distinct l.stratum) from draw as l
        inner join quota as q on l.quota_id = q.quota_id
        inner join earlier as v on q.pack_version_id = v.pack_version_id
        where q.monthly and l.stratum like left(cast(:first as text), 7) || '%'
    ) as strata,
    (select count(distinct a.event_id) from ahead as a where not a.handed_out) as decided_anew,
    (select count(distinct a.event_id) from ahead as a where a.handed_out) as handed_out
