-- Ask for a review of each returned record that nobody was asked about yet; what an earlier system recorded is left alone.
-- grain    one row per record
-- params   pack text, first date, last date: the days on which records came in, asked_on date, due_on date
-- repeat   safe: a record is asked about once
insert into review (record_id, purpose, asked_on, due_on)
select
    p.record_id,
    'review',
    :asked_on,
    :due_on
from record as p
inner join rule as r on p.rule_id = r.rule_id
inner join pack_version as v on r.pack_version_id = v.pack_version_id
where
    v.pack = :pack and p.result = 'reached' and p.recorded_on between :first and :last
    and p.returned_sha256 is not null
    and not exists (select from review as w where w.record_id = p.record_id and w.purpose = 'review')
on conflict (record_id, purpose) do nothing
