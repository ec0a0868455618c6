-- One row per as-of day and customer: whether it reached the usual revenue level, how long that took, and with how much of our help.
with

months as (
    select * from {{ ref('fct_customer_month') }}
    where {{ add_months('month_start_date', 1) }} <= {{ add_days(as_of_date(), 1) }}
),

newest as (select max(month_start_date) as month_start_date from months),

-- The level is what a usual customer pays now, so that it needs no yen in the policy.
level as (
    select {{ percentile('months.mrr_minor', setting_literal('self_serve_level_percentile')) }} as level_minor
    from months
    inner join newest using (month_start_date)
    where months.is_paying
),

customers as (
    select
        customer_id,
        min(month_start_date) as first_month,
        count(mrr_minor) > 0 as is_revenue_known
    from months
    group by customer_id
),

reached as (
    select months.customer_id, min(months.month_start_date) as reached_month
    from months
    cross join level
    where months.mrr_minor >= level.level_minor
    group by months.customer_id
),

-- A way of which a month is not covered by the feeds is unknown as a whole.
way as (
    select
        months.customer_id,
        count(months.mrr_minor) = count(*) as is_revenue_covered,
        count(months.proactive_hours) = count(*) as is_help_covered,
        cast(count(*) as bigint) as months_on_the_way,
        cast(count(case when months.proactive_hours = 0 then 1 end) as bigint) as months_unaided,
        case
            when count(months.proactive_hours) = count(*) and count(months.demand_hours) = count(*)
                then {{ exact_sum('months.proactive_hours + months.demand_hours') }}
        end as hours
    from months
    inner join reached on months.customer_id = reached.customer_id and months.month_start_date <= reached.reached_month
    group by months.customer_id
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        customers.customer_id,

        {{ setting('reporting_currency', 'string') }} as currency,

        {{ in_reporting_currency('level.level_minor') }} as revenue_level,
        case when way.is_revenue_covered then {{ months_between('customers.first_month', 'reached.reached_month') }} end as months_to_threshold,
        case when way.is_revenue_covered then way.hours end as hours_to_threshold,
        case when way.is_revenue_covered and way.is_help_covered then way.months_unaided end as months_unaided,
        case when way.is_revenue_covered and way.is_help_covered then way.months_on_the_way end as months_on_the_way,
        case
            when way.is_revenue_covered and way.is_help_covered then {{ rate('way.months_unaided', 'way.months_on_the_way') }}
        end as self_serve_ratio,

        case when customers.is_revenue_known and level.level_minor is not null then reached.customer_id is not null end as is_threshold_reached,
        case
            when customers.is_revenue_known and level.level_minor is not null
                then reached.customer_id is null or not way.is_revenue_covered
        end as is_threshold_censored,

        reached.reached_month
    from customers
    cross join level
    left join reached using (customer_id)
    left join way using (customer_id)
)

select * from final
