-- Draw a share of the contacts whose records came back in a span of days for an audit, by a keyed hash of each.
-- grain    one row per contact, by its newest record
-- params   pack text, first date, last date, numerator bigint, denominator bigint, asked_on date, due_on date,
--          inner_pad bytea, outer_pad bytea
-- repeat   safe: a closed span always draws the same, and a record is asked about once
insert into review (record_id, purpose, asked_on, due_on)
select
    c.record_id,
    'audit',
    :asked_on,
    :due_on
from (
    select
        n.record_id,
        row_number() over (order by n.rank, n.record_id) as place,
        count(*) over () as contacts
    from (
        select distinct on (p.event_id, p.rule_id, p.round)
            p.record_id,
            sha256(:outer_pad || sha256(:inner_pad || convert_to(
                concat_ws(chr(31), 'audit', v.pack, e.source, e.event_key, r.rule, p.round), 'UTF8'
            ))) as rank
        from record as p
        inner join rule as r on p.rule_id = r.rule_id
        inner join pack_version as v on r.pack_version_id = v.pack_version_id
        inner join event as e on p.event_id = e.event_id
        where
            v.pack = :pack and p.result = 'reached' and p.recorded_on between :first and :last
            and p.returned_sha256 is not null
        order by p.event_id asc, p.rule_id asc, p.round asc, p.record_id desc
    ) as n
) as c
where c.place <= ceil(c.contacts * cast(:numerator as numeric) / :denominator)
on conflict (record_id, purpose) do nothing
