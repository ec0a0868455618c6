-- One row per customer and ended month since its first payment: what lay six months back and lies ahead, and when it stopped or left.
{{ config(materialized='ephemeral') }}
with

months as (select * from {{ ref('int_billing__mrr_month') }} where is_complete),
calendar as (select * from {{ ref('int_calendar__months') }}),
churns as (select * from {{ ref('fct_churn_event') }} where is_ended),

-- The months are without a gap from the first payment on: so many rows back are so many months back.
looked_around as (
    select
        months.*,
        calendar.measured_on,
        calendar.measured_at,
        coalesce(months.closing_original_minor, months.closing_minor) as constant_minor,
        min(months.month_start_date) over (partition by months.customer_id) as first_month,
        first_value(months.seats) over history as first_seats,
        lag(coalesce(months.closing_original_minor, months.closing_minor), 6) over history as constant_before_minor,
        lag(months.original_currency, 6) over history as currency_before,
        lead(coalesce(months.closing_original_minor, months.closing_minor), 12) over history as constant_after_minor,
        lead(months.original_currency, 12) over history as currency_after,
        lead(months.seats, 6) over history as seats_midway,
        lead(months.seats, 12) over history as seats_after
    from months
    inner join calendar using (month_start_date)
    window history as (partition by months.customer_id order by months.month_start_date)
),

stops as (
    select
        looked_around.customer_id,
        looked_around.month_start_date,
        coalesce(churns.is_pause, false) as is_pause
    from looked_around
    left join churns
        on looked_around.customer_id = churns.customer_id and looked_around.month_start_date = churns.month_start_date
    where looked_around.movement = 'churn'
),

-- The first month after this one by whose end it paid no more; a pause ends the watching, not the customer.
final as (
    select
        looked_around.*,
        min(case when stops.customer_id is not null then looked_around.month_start_date end) over ahead as stop_month,
        min(case when not stops.is_pause then looked_around.month_start_date end) over ahead as loss_month
    from looked_around
    left join stops
        on looked_around.customer_id = stops.customer_id and looked_around.month_start_date = stops.month_start_date
    window ahead as (
        partition by looked_around.customer_id order by looked_around.month_start_date
        rows between 1 following and unbounded following
    )
)

select * from final
