-- List the messages that were decided and are not sent.
-- grain    one row per message
-- params   none
-- repeat   read only
select
    message_id,
    kind,
    subject,
    state,
    attempts,
    decided_on,
    retry_at,
    error
from outbox
where state <> 'sent'
order by decided_on, kind, message_id
