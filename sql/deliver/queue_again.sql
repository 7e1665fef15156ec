-- Queue a doubtful or failed message again, as a person asked.
-- grain    one row
-- params   message_id uuid
-- repeat   safe: a queued or sent message is left alone
update outbox
set state = 'queued', retry_at = null, error = null
where message_id = :message_id and state in ('uncertain', 'failed')
