-- Enter the draws in the ledger that later batches build on.
-- grain    one row per quota, stratum and batch
-- params   fingerprint text
-- repeat   safe: only events that never took part in a draw are in `drawn`
insert into draw (quota_id, stratum, batch_id, eligible, drawn, key_fingerprint)
select
    quota_id,
    stratum,
    first_batch_id,
    count(*),
    count(*) filter (where drawn),
    :fingerprint
from drawn
group by quota_id, stratum, first_batch_id
on conflict (quota_id, stratum, batch_id) do update
set eligible = draw.eligible + excluded.eligible, drawn = draw.drawn + excluded.drawn
