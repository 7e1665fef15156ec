-- Drop quarantined rows that are resolved, or that nobody corrected for long.
-- grain    one row per source and row content
-- params   before date
-- repeat   safe
delete from quarantine
where refused_on < :before
