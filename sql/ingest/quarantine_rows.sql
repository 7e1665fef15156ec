-- Keep the refused rows with their position, reasons and content.
-- grain    one row per source and row content
-- params   source text, batch_id bigint, on date
-- repeat   safe: the same row refused again is the same entry
insert into quarantine as q (source, row_hash, batch_id, position, event_key, reasons, row, refused_on)
select distinct on (md5(c.content::text))
    :source,
    md5(c.content::text),
    :batch_id,
    s.position,
    s.event_key,
    s.reasons,
    jsonb_strip_nulls(c.content - 'fault'),
    :on
from staged as s
inner join arrived as a on s.position = a.position
cross join lateral (select to_jsonb(a.*) - 'position' as content) as c
where s.reasons is not null
order by md5(c.content::text), s.position desc
on conflict (source, row_hash) do update
set
    batch_id = excluded.batch_id,
    position = excluded.position,
    reasons = excluded.reasons,
    refused_on = excluded.refused_on,
    resolved_batch_id = null
where q.reasons is distinct from excluded.reasons or q.resolved_batch_id is not null
