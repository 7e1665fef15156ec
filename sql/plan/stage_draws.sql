-- Draw: in each stratum the batches in order, in each batch the events by the keyed hash, until ceil(rate * eligible) are drawn.
-- Where customers are counted, their first event draws; the others have no rank and follow in `share_draws`.
-- grain    one row per quota and event that takes part in a draw for the first time
-- params   inner_pad bytea, outer_pad bytea: the padded halves of the HMAC-SHA256 key, pack_version_id int
-- repeat   safe: a stage of this run alone, under the pack's lock
create unlogged table drawn as
with entrant as (
    select
        c.quota_id,
        c.stratum,
        c.first_batch_id,
        c.event_id,
        c.rank,
        false as settled
    from candidate as c
    where c.is_new and c.rank is not null and c.reason is null
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
    where not c.is_new and c.rank is not null and c.reason is null and d.drawn is null
    union all
    select
        d.quota_id,
        d.stratum,
        e.first_batch_id,
        e.event_id,
        '\x00'::bytea || sha256(
            :outer_pad
            || sha256(:inner_pad || convert_to(
                case
                    when q.unit = 'customer' and e.customer is not null then concat_ws(chr(31), q.quota, '', e.customer)
                    else concat_ws(chr(31), q.quota, e.source, e.event_key)
                end, 'UTF8'
            ))
        ) as rank,
        true as settled
    from decision as d
    inner join rule as r on d.rule_id = r.rule_id and r.draws and r.pack_version_id = :pack_version_id
    inner join quota as q on d.quota_id = q.quota_id
    inner join event as e on d.event_id = e.event_id
    inner join rate_decision as decided
        on q.decided = decided.parameter and decided.period = to_date(split_part(d.stratum, '/', 1), 'YYYY-MM')
    where
        d.outcome = 'awaiting'
        and d.reason = 'rate'
        and not e.cancelled
        and e.batch_id not in (select t.batch_id from todo as t) -- a corrected one is a candidate
        and (
            q.unit <> 'customer'
            or e.customer is null
            or exists (select from draw_share as s where s.event_id = d.event_id and s.rule_id = d.rule_id and s.leads)
        )
),

joined as (
    select
        quota_id,
        stratum,
        first_batch_id,
        count(*) as entered
    from entrant
    group by quota_id, stratum, first_batch_id
),

standing as (
    select
        b.quota_id,
        b.stratum,
        b.first_batch_id,
        coalesce(l.drawn, 0) as drawn,
        (coalesce(l.eligible, 0) + sum(b.entered) over past - b.entered)::bigint as before,
        (coalesce(l.eligible, 0) + sum(b.entered) over past)::bigint as after,
        (sum(b.entered) over past)::bigint as entered,
        coalesce(q.numerator, decided.numerator) as numerator,
        coalesce(q.denominator, decided.denominator) as denominator,
        q.census_up_to
    from joined as b
    inner join quota as q on b.quota_id = q.quota_id
    left join rate_decision as decided
        on q.decided = decided.parameter
        and decided.period = case when q.decided is not null then to_date(split_part(b.stratum, '/', 1), 'YYYY-MM') end
    left join lateral (
        select
            sum(l.eligible - l.eligible_withdrawn) as eligible,
            sum(l.drawn - l.drawn_withdrawn) as drawn
        from draw as l
        where b.quota_id = l.quota_id and b.stratum = l.stratum
    ) as l on true
    window past as (partition by b.quota_id, b.stratum order by b.first_batch_id)
),

wanted as (
    select
        *,
        greatest(drawn, (numerator * after + denominator - 1) / denominator, least(after, census_up_to)) as wanted
    from standing
),

reached as ( -- a batch too small for what is missing leaves the rest to the next: min(reached before + entered, wanted)
    select
        quota_id,
        stratum,
        first_batch_id,
        before,
        drawn,
        entered + least(drawn, min(wanted - entered) over past) as reached
    from wanted
    window past as (partition by quota_id, stratum order by first_batch_id)
),

allowed as (
    select
        quota_id,
        stratum,
        first_batch_id,
        before,
        reached - lag(reached, 1, drawn) over past as allowance
    from reached
    window past as (partition by quota_id, stratum order by first_batch_id)
),

placed as (
    select
        quota_id,
        stratum,
        first_batch_id,
        event_id,
        settled,
        row_number() over (partition by quota_id, stratum, first_batch_id order by rank) as place
    from entrant
)

select
    p.quota_id,
    p.stratum,
    p.first_batch_id,
    p.event_id,
    p.settled,
    a.before + p.place as draw_position,
    p.place <= a.allowance as drawn
from placed as p
inner join allowed as a using (quota_id, stratum, first_batch_id)
