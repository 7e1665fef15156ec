-- Write what became of a message.
-- grain    one row
-- params   message_id uuid, token bigint, state text, at timestamptz, retry_at timestamptz, error text
-- repeat   safe: an old token changes nothing
update outbox
set
    state = :state,
    leased_until = null,
    retry_at = :retry_at,
    sent_at = case when :state = 'sent' then cast(:at as timestamptz) end,
    error = :error
where message_id = :message_id and token = :token and state in ('sending', 'transmitting')
