-- Forget who gave places in a draw on, and what was noted of the customer, once the pack's retention has ended.
-- grain    one row per substitution
-- params   pack text, on date, years int
-- repeat   safe: an emptied note is left alone; that the place was given on, and why, stays
update substitution as s
set substituted_by = '', note = ''
from quota as q, pack_version as v
where
    s.quota_id = q.quota_id
    and q.pack_version_id = v.pack_version_id
    and v.pack = :pack
    and (s.substituted_on + make_interval(years => :years))::date < :on
    and (s.substituted_by <> '' or s.note <> '')
