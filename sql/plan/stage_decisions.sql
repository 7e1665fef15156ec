-- Bring candidates and draws together: what is to be decided about each.
-- grain    one row per event, applicable rule and round
-- params   none
-- repeat   safe: a view over the stages of this run
create view decided as
select
    c.event_id,
    c.rule_id,
    c.round,
    c.is_new,
    case
        when c.reason is null then case when w.drawn then 'due' else 'not_drawn' end
        when c.reason = 'census' then 'due'
        when c.reason in ('condition', 'rate', 'incomplete') then 'awaiting'
        when c.reason = 'cancelled' then 'superseded'
        when c.reason in ('do_not_contact', 'outranked') then 'suppressed'
        else 'out_of_scope'
    end as outcome,
    coalesce(c.reason, case when w.drawn then 'drawn' else 'not_drawn' end) as reason,
    c.anchor_on,
    c.opens_on,
    c.due_on,
    c.provisional,
    c.quota_id,
    c.stratum,
    w.draw_position,
    w.drawn,
    c.draws,
    c.first_batch_id,
    c.customer,
    c.department,
    c.area
from candidate as c
left join drawn as w on c.reason is null and c.quota_id = w.quota_id and c.event_id = w.event_id
