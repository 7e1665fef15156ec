-- Mark, just before the data goes out, that from now on nobody can know without the server's answer.
-- grain    one row
-- params   message_id uuid, token bigint
-- repeat   safe: an old token changes nothing
update outbox
set state = 'transmitting'
where message_id = :message_id and token = :token and state = 'sending'
