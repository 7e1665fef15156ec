-- Draw: in each stratum the batches in order, in each batch the events by the keyed hash, until ceil(rate * eligible) are drawn.
-- grain    one row per quota and event that takes part in a draw for the first time
-- params   inner_pad bytea, outer_pad bytea: the padded halves of the HMAC-SHA256 key
-- repeat   safe: a stage of this run alone, under the planner's lock
create unlogged table planning.drawn as
with entrant as (
    select
        c.quota_id,
        c.stratum,
        c.first_batch_id,
        c.event_id,
        c.rank,
        false as settled
    from candidate as c
    where c.is_new and c.draws and c.reason is null
    union all
    select
        c.quota_id,
        c.stratum,
        c.first_batch_id,
        c.event_id,
        c.rank,
        false as settled
    from candidate as c
    left join decision as d on c.event_id = d.event_id and c.rule_id = d.rule_id and c.round = d.round
    where not c.is_new and c.draws and c.reason is null and d.drawn is null
    union all
    select
        d.quota_id,
        d.stratum,
        e.first_batch_id,
        e.event_id,
        sha256(
            :outer_pad
            || sha256(:inner_pad || convert_to(concat_ws(chr(31), q.quota, e.source, e.event_key), 'UTF8'))
        ) as rank,
        true as settled
    from decision as d
    inner join rule as r on d.rule_id = r.rule_id and r.draws
    inner join quota as q on d.quota_id = q.quota_id
    inner join event as e on d.event_id = e.event_id
    inner join rate_decision as decided
        on q.decided = decided.parameter and decided.period = to_date(split_part(d.stratum, '/', 1), 'YYYY-MM')
    where d.outcome = 'awaiting' and d.reason = 'rate' and not e.cancelled
),

numbered as (
    select
        quota_id,
        stratum,
        first_batch_id,
        event_id,
        settled,
        row_number() over (partition by quota_id, stratum, first_batch_id order by rank) as place,
        row_number() over (partition by quota_id, stratum order by first_batch_id, rank) as running
    from entrant
),

batched as (
    select
        n.quota_id,
        n.stratum,
        n.first_batch_id,
        min(n.running) - 1 as entered_before,
        max(n.running) as entered,
        coalesce(q.numerator, decided.numerator) as numerator,
        coalesce(q.denominator, decided.denominator) as denominator
    from numbered as n
    inner join quota as q on n.quota_id = q.quota_id
    left join rate_decision as decided
        on q.decided = decided.parameter
        and decided.period = case when q.decided is not null then to_date(split_part(n.stratum, '/', 1), 'YYYY-MM') end
    group by
        n.quota_id, n.stratum, n.first_batch_id, q.numerator, q.denominator, decided.numerator, decided.denominator
),

standing as (
    select
        b.quota_id,
        b.stratum,
        coalesce(sum(l.eligible - l.eligible_withdrawn), 0) as eligible,
        coalesce(sum(l.drawn - l.drawn_withdrawn), 0) as drawn
    from (select distinct batched.quota_id, batched.stratum from batched) as b
    left join draw as l on b.quota_id = l.quota_id and b.stratum = l.stratum
    group by b.quota_id, b.stratum
)

select
    n.quota_id,
    n.stratum,
    n.first_batch_id,
    n.event_id,
    n.settled,
    s.eligible + n.running as draw_position,
    n.place <= greatest(s.drawn, (b.numerator * (s.eligible + b.entered) + b.denominator - 1) / b.denominator)
    - greatest(
        s.drawn,
        case
            when b.entered_before = 0 then 0
            else (b.numerator * (s.eligible + b.entered_before) + b.denominator - 1) / b.denominator
        end
    ) as drawn
from numbered as n
inner join batched as b using (quota_id, stratum, first_batch_id)
inner join standing as s using (quota_id, stratum)
