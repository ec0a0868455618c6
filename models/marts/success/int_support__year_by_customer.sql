-- One row per customer with work or replies in the twelve months up to the as-of day: how its hours swing, how long it waited.
{{ config(materialized='ephemeral') }}
with

support_months as (select * from {{ ref('int_support__customer_month') }}),
tickets as (select * from {{ ref('fct_ticket') }} where created_at < {{ as_of_instant() }}),

-- How far the hours of a year swing by themselves: twelve times the variance of a month, months without work included.
monthly as (
    select
        customer_id,
        {{ exact_sum('demand_hours') }} as hours,
        {{ exact_sum('demand_hours * demand_hours') }} as squared_hours
    from support_months
    where
        month_start_date >= {{ add_months(month_start(add_days(as_of_date(), 1)), -12) }}
        and month_start_date < {{ month_start(add_days(as_of_date(), 1)) }}
    group by customer_id
),

waits as (
    select customer_id, {{ percentile('first_reply_minutes', 0.5) }} as wait_minutes
    from tickets
    where is_counted and is_inbound and first_reply_at < {{ as_of_instant() }} and created_on > {{ add_months(as_of_date(), -12) }}
    group by customer_id
),

final as (
    select
        coalesce(monthly.customer_id, waits.customer_id) as customer_id,

        round(sqrt(greatest(12 * (monthly.squared_hours - monthly.hours * monthly.hours / 12) / 11, 0)), 6) as demand_hours_sd,
        waits.wait_minutes
    from monthly
    full outer join waits on monthly.customer_id = waits.customer_id
)

select * from final
