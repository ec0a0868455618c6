-- One row per business day from the first to the newest day of the data.
with

feeds as (select * from {{ ref('stg_feeds') }}),

bounds as (
    select
        {{ business_date('min(first_event_at)') }} as first_date,
        {{ business_date('max(newest_event_at)') }} as newest_date
    from feeds
),

days as ({{ day_series('bounds', 'first_date', 'newest_date') }}),

final as (
    select
        calendar_date,
        {{ month_start('calendar_date') }} as month_start_date,

        {{ from_zone('cast(calendar_date as timestamp)', setting('business_time_zone', 'string')) }} as starts_at,
        {{ from_zone('cast(' ~ add_days('calendar_date', 1) ~ ' as timestamp)', setting('business_time_zone', 'string')) }} as ends_at
    from days
)

select * from final
