-- One row per as-of day and segment (plan tier x billing interval): how many of its payers stay from one month to the next.
with

months as (select * from {{ ref('int_billing__mrr_month') }}),
pauses as (select * from {{ ref('fct_churn_event') }} where is_pause),

observed as (
    select
        coalesce(months.opening_plan_tier, 'unknown') as plan_tier,
        coalesce(months.opening_interval_group, 'unknown') as interval_group,
        -- Who pauses pays nothing but has not gone: for what a customer is worth that is a difference.
        case when months.is_paying_at_end or pauses.customer_id is not null then 1 else 0 end as stayed
    from months
    left join pauses using (customer_id, month_start_date)
    where
        months.is_paying_at_start
        and months.month_end_date <= {{ as_of_date() }}
        and months.month_start_date >= {{ add_months(month_start(as_of_date()), '-' ~ setting('retention_lookback_months')) }}
),

segments as (
    select
        plan_tier,
        interval_group,
        cast(count(*) as bigint) as customer_months,
        cast(sum(stayed) as bigint) as stayed
    from observed
    group by plan_tier, interval_group
),

overall as (
    select
        cast(count(*) as bigint) as customer_months,
        (
            coalesce(sum(stayed), 0)
            + {{ setting('retention_prior_monthly', 'double') }} * {{ setting('retention_prior_overall_strength', 'double') }}
        ) / (count(*) + {{ setting('retention_prior_overall_strength', 'double') }}) as monthly_retention
    from observed
),

-- Few customer-months lean on all customers, and all customers lean on the prior: nobody stays for certain.
rated as (
    select
        segments.plan_tier,
        segments.interval_group,
        segments.customer_months,
        segments.stayed,
        segments.customer_months + {{ setting('retention_prior_strength', 'double') }} as weight,
        (segments.stayed + overall.monthly_retention * {{ setting('retention_prior_strength', 'double') }})
        / (segments.customer_months + {{ setting('retention_prior_strength', 'double') }}) as monthly_retention
    from segments
    cross join overall
    union all
    select
        '*' as plan_tier,
        '*' as interval_group,
        customer_months,
        cast((select sum(stayed) from segments) as bigint) as stayed,
        customer_months + {{ setting('retention_prior_overall_strength', 'double') }} as weight,
        monthly_retention
    from overall
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        plan_tier,
        interval_group,

        customer_months,
        stayed,
        cast(stayed as double) / nullif(customer_months, 0) as observed_retention_rate,
        monthly_retention,
        {{ wilson_bound('monthly_retention', 'weight', '-') }} as monthly_retention_low,
        {{ wilson_bound('monthly_retention', 'weight', '+') }} as monthly_retention_high
    from rated
)

select * from final
