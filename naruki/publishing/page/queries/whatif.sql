-- One row per change of hours that was tried: what it would do to value, to losses and to who gets which tier.
with

changes as (
    select
        scenario,
        max(difference) filter (where item = 'value_p10') as value_low,
        max(difference) filter (where item = 'value_p50') as value_change,
        max(difference) filter (where item = 'value_p90') as value_high,
        max(difference) filter (where item = 'expected_churned_customers') as churn_change,
        sum(abs(difference)) filter (where item like 'customers\_%' escape '\') / 2 as moves
    from whatif_current
    group by scenario
),

named as (
    select
        changes.*,
        split_part(changes.scenario, '=', 1) as pool,
        try_cast(split_part(changes.scenario, '=', 2) as double) as hours
    from changes
)

select
    named.scenario,
    case when named.hours is not null then coalesce(pools.label_en, tiers.label_en, named.pool) else named.scenario end as change_en,
    case when named.hours is not null then coalesce(pools.label_ja, tiers.label_ja, named.pool) else named.scenario end as change_ja,
    named.hours as extra_hours,
    least(named.value_low, named.value_change, named.value_high) as value_low,
    greatest(named.value_low, named.value_change, named.value_high) as value_high,
    named.value_change,
    named.churn_change,
    named.moves
from named
left join policy.cfg_capacity as pools on named.pool = pools.pool
left join policy.cfg_tier as tiers on named.pool = tiers.tier
order by named.pool, named.hours
