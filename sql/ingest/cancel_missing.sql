-- Cancel events that a complete delivery no longer contains.
-- grain    one row per event
-- params   source text, batch_id bigint, on date
-- repeat   safe
update event as e
set cancelled = true, version = e.version + 1, batch_id = :batch_id, received_on = :on
where
    e.source = :source
    and not e.cancelled
    and not exists (select from staged as s where s.event_key = e.event_key)
