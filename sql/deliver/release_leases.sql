-- Release expired leases: before the data nothing was sent, so send again; after it nobody knows.
-- grain    one row per message
-- params   at timestamptz
-- repeat   safe
update outbox
set
    state = case when state = 'transmitting' then 'uncertain' else 'queued' end,
    leased_until = null,
    error = case when state = 'transmitting' then 'the sender stopped while transmitting' else error end
where state in ('sending', 'transmitting') and leased_until < :at
