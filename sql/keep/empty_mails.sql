-- Empty the content of mails that were delivered long ago; that and when they were sent stays.
-- grain    one row per message
-- params   before date
-- repeat   safe
update outbox
set content = ''
where state = 'sent' and sent_at < cast(:before as date) and content <> ''
