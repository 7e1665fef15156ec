-- Find the ledger of one stratum: how many joined with each batch, how many were drawn, how many were withdrawn since.
-- grain    one row per batch
-- params   quota_id int, stratum text
-- repeat   read only
select
    w.batch_id,
    b.received_on,
    w.eligible,
    w.drawn,
    w.eligible_withdrawn,
    w.drawn_withdrawn,
    w.key_fingerprint
from draw as w
inner join batch as b on w.batch_id = b.batch_id
where w.quota_id = :quota_id and w.stratum = :stratum
order by w.batch_id
