-- One row per business month from the first to the newest month of the data.
with

days as (select * from {{ ref('int_calendar__days') }}),

months as (
    select
        month_start_date,
        cast({{ add_days(add_months('month_start_date', 1), -1) }} as date) as month_end_date,
        max(calendar_date) as measured_on,
        min(starts_at) as first_day_starts_at,
        max(ends_at) as measured_at
    from days
    group by month_start_date
),

final as (
    select
        month_start_date,
        month_end_date,
        measured_on,

        measured_on = month_end_date as is_complete,

        {{ from_zone('cast(month_start_date as timestamp)', setting('business_time_zone', 'string')) }} as starts_at,
        measured_at
    from months
)

select * from final
