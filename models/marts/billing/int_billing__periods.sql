-- One row per ended month and horizon (1 or 12 months): where the period starts and ends.
{{ config(materialized='ephemeral') }}
with

months as (select * from {{ ref('int_billing__mrr_month') }} where month_end_date <= {{ as_of_date() }}),
calendar as (select distinct month_start_date, month_end_date from months),

final as (
    select
        calendar.month_start_date,
        calendar.month_end_date,
        horizons.horizon_months,
        {{ add_months('calendar.month_start_date', '-horizons.horizon_months') }} as start_month
    from calendar
    cross join (select 1 as horizon_months union all select 12 as horizon_months) as horizons
    where {{ add_months('calendar.month_start_date', '-horizons.horizon_months') }} >= (select min(month_start_date) from calendar)
)

select * from final
