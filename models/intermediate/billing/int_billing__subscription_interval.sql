-- One row per subscription item and interval of constant terms, with its monthly recurring revenue.
with

terms as (select * from {{ ref('int_billing__subscription_terms') }}),
intervals as (select * from {{ ref('cfg_billing_interval') }}),
durations as (select * from {{ ref('cfg_discount_duration') }}),
exclusions as (select * from {{ ref('cfg_plan_exclusion') }}),

excluded_plans as (
    select match_value as plan_id, min(reason) as reason
    from exclusions
    where match_column = 'plan_id'
    group by match_value
),

excluded_tiers as (
    select match_value as plan_tier, min(reason) as reason
    from exclusions
    where match_column = 'plan_tier'
    group by match_value
),

priced as (
    select
        terms.*,
        intervals.interval_group,
        intervals.periods_per_year,
        cast(intervals.term_months * terms.interval_count as bigint) as whole_months,
        cast(intervals.term_days * terms.interval_count as bigint) as whole_days,
        case when coalesce(durations.is_lasting, false) then terms.discount_minor else 0 end as lasting_discount_minor,
        case
            when excluded_plans.reason is not null then excluded_plans.reason
            when excluded_tiers.reason is not null then excluded_tiers.reason
            when terms.is_trial or terms.status = 'trialing' then 'trial'
            when terms.status = 'paused' and not {{ setting('paused_counts_as_mrr', 'boolean') }} then 'paused'
            when terms.status in ('active', 'past_due', 'paused') then null
            else terms.status
        end as excluded_because
    from terms
    left join intervals using (billing_interval)
    left join durations on coalesce(terms.discount_duration, 'unknown') = durations.discount_duration
    left join excluded_plans on lower(terms.plan_id) = excluded_plans.plan_id
    left join excluded_tiers on terms.plan_tier = excluded_tiers.plan_tier
),

final as (
    select
        *,
        case
            when excluded_because is not null then cast(0 as bigint)
            else cast(round(
                cast(greatest(quantity * unit_amount_minor - lasting_discount_minor, 0) as double) * periods_per_year
                / (12 * cast(interval_count as double))
            ) as bigint)
        end as mrr_minor,
        cast(round(12 * cast(interval_count as double) / periods_per_year, 4) as double) as term_months
    from priced
)

select * from final
