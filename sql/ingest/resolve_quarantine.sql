-- Mark quarantined rows whose event has since arrived in good order.
-- grain    one row per source and row content
-- params   source text, batch_id bigint
-- repeat   safe
update quarantine as q
set resolved_batch_id = :batch_id
from staged as s
where
    q.source = :source
    and q.resolved_batch_id is null
    and s.event_key = q.event_key
    and s.reasons is null
