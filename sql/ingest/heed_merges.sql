-- Let arriving events stand under the matter that people merged theirs into; what the source calls it stays beside it.
-- grain    one row per staged row of a merged matter
-- params   none
-- repeat   safe: works on the stage
update staged as s
set source_matter = s.matter, matter = m.stands_under
from merged as m
where
    s.reasons is null
    and s.line = m.line and s.kind = m.kind and s.customer = m.customer and s.matter = m.matter
