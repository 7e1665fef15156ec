-- Ask for a review of each record of a span of days, or for an audit of a share of them, drawn by the keyed hash.
-- grain    one row per record and purpose
-- params   pack text, purpose text, first date, last date, numerator bigint, denominator bigint, asked_on date, due_on date,
--          inner_pad bytea, outer_pad bytea
-- repeat   safe: a record is asked about once for each purpose, and a closed span always draws the same
insert into review (record_id, purpose, asked_on, due_on)
select
    c.record_id,
    :purpose,
    :asked_on,
    :due_on
from (
    select
        p.record_id,
        row_number() over (
            order by sha256(
                :outer_pad || sha256(:inner_pad || convert_to(concat_ws(chr(31), 'audit', v.pack, p.content_hash), 'UTF8'))
            ), p.record_id
        ) as place,
        count(*) over () as records
    from record as p
    inner join rule as r on p.rule_id = r.rule_id
    inner join pack_version as v on r.pack_version_id = v.pack_version_id
    where v.pack = :pack and p.result = 'reached' and p.recorded_on between :first and :last
) as c
where c.place <= ceil(c.records * cast(:numerator as numeric) / :denominator)
on conflict (record_id, purpose) do nothing
