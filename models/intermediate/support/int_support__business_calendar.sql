-- One row per schedule and quarter of an hour: whether the desk is open, and the open seconds before it since the calendar began.
-- Business minutes between two instants are then a difference of two look-ups, however long the wait was.
with

hours as (select * from {{ ref('cfg_business_hours') }}),
holidays as (select * from {{ ref('cfg_holiday') }}),
tickets as (select * from {{ source('landing', 'tickets') }}),
ticket_events as (select * from {{ source('landing', 'ticket_events') }}),

instants as (
    select created_at as happened_at from tickets
    union all
    select greatest(created_at, first_reply_at, first_resolved_at, solved_at, updated_at) as happened_at from tickets
    union all
    select occurred_at as happened_at from ticket_events
),

bounds as (
    select
        cast({{ setting('business_calendar_from', 'date') }} as timestamp) as known_from,
        cast({{ setting('business_calendar_to', 'date') }} as timestamp) as known_to
),

-- A stray date of 1970 or 9999 must not stretch the calendar: outside of it business minutes are unknown.
span as (
    select
        {{ quarter_of('greatest(min(instants.happened_at), min(bounds.known_from))') }} as first_quarter,
        {{ quarter_of('least(max(instants.happened_at), min(bounds.known_to))') }} as last_quarter
    from instants
    cross join bounds
),

quarters as (
    select {{ explode_numbers('first_quarter', 'last_quarter') }} as quarter_number
    from span
    where first_quarter <= last_quarter
),

schedules as (select distinct schedule_id, time_zone from hours),

local_quarters as (
    select
        schedules.schedule_id,
        quarters.quarter_number,
        {{ to_zone(from_epoch('quarters.quarter_number * 900'), 'schedules.time_zone') }} as local_at
    from quarters
    cross join schedules
),

opening_quarters as (
    select
        schedule_id,
        weekday,
        valid_from,
        valid_to,
        {{ explode_numbers(
            'cast(substr(opens_at, 1, 2) as bigint) * 4 + cast(floor(cast(substr(opens_at, 4, 2) as bigint) / 15.0) as bigint)',
            'cast(substr(closes_at, 1, 2) as bigint) * 4 + cast(floor(cast(substr(closes_at, 4, 2) as bigint) / 15.0) as bigint) - 1'
        ) }} as quarter_of_day
    from hours
),

open_quarters as (
    select distinct
        local_quarters.schedule_id,
        local_quarters.quarter_number
    from local_quarters
    inner join opening_quarters
        on local_quarters.schedule_id = opening_quarters.schedule_id
        and {{ iso_weekday('cast(local_quarters.local_at as date)') }} = opening_quarters.weekday
        and cast(
            extract(hour from local_quarters.local_at) * 4 + floor(extract(minute from local_quarters.local_at) / 15.0) as bigint
        ) = opening_quarters.quarter_of_day
        and cast(local_quarters.local_at as date) >= opening_quarters.valid_from
        and (opening_quarters.valid_to is null or cast(local_quarters.local_at as date) <= opening_quarters.valid_to)
    left join holidays
        on local_quarters.schedule_id = holidays.schedule_id
        and cast(local_quarters.local_at as date) = holidays.holiday_date
    where holidays.holiday_date is null
),

final as (
    select
        local_quarters.schedule_id,
        local_quarters.quarter_number,
        open_quarters.quarter_number is not null as is_open,
        cast(
            count(open_quarters.quarter_number) over (
                partition by local_quarters.schedule_id order by local_quarters.quarter_number
                rows between unbounded preceding and current row
            ) * 900 - case when open_quarters.quarter_number is not null then 900 else 0 end as bigint
        ) as open_seconds_before
    from local_quarters
    left join open_quarters
        on local_quarters.schedule_id = open_quarters.schedule_id
        and local_quarters.quarter_number = open_quarters.quarter_number
)

select * from final
