-- Stage for each merged matter the one under which its events stand: the last of its chain of standing merges.
-- grain    one row per line, kind, customer and merged matter
-- params   none
-- repeat   safe: a stage of this transaction alone
create temporary table merged on commit drop as
with recursive chain as (
    select
        line,
        kind,
        customer,
        matter,
        into_matter as stands_under
    from matter_merge
    where undone_on is null
    union all
    select
        c.line,
        c.kind,
        c.customer,
        c.matter,
        m.into_matter
    from chain as c
    inner join matter_merge as m
        on c.line = m.line and c.kind = m.kind and c.customer = m.customer and c.stands_under = m.matter
    where m.undone_on is null
)

select c.*
from chain as c
where not exists (
    select from matter_merge as m
    where
        m.line = c.line and m.kind = c.kind and m.customer = c.customer and m.matter = c.stands_under
        and m.undone_on is null
)
