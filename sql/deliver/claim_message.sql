-- Claim the next message that may go out, with a lease and a new token.
-- grain    one row, or none
-- params   at timestamptz, until timestamptz
-- repeat   each call claims another message; no two workers get the same one
update outbox as o
set state = 'sending', token = o.token + 1, leased_until = :until, attempts = o.attempts + 1
from (
    select message_id
    from outbox
    where
        (state = 'queued' and (retry_at is null or retry_at <= :at))
        or (state = 'uncertain' and resend_uncertain and attempts < 2)
    order by decided_on, kind, message_id
    limit 1
    for update skip locked
) as next
where o.message_id = next.message_id
returning o.message_id, o.recipient, o.content, o.token, o.attempts
