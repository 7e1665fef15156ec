-- Stage the two events of a place in a draw that was given on, whose tasks have to follow.
-- grain    one row per event
-- params   substitution_id bigint
-- repeat   safe: a stage of this run alone, under the pack's lock
create unlogged table moved as
select unnest(array[s.event_out, s.event_in]) as event_id
from substitution as s
where s.substitution_id = :substitution_id
