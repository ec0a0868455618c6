-- One row per time zone of customers, weekday and hour there: hours of the last weeks and hours of agents at work in them.
{{ config(materialized='ephemeral') }}
{%- set first_day = add_days(as_of_date(), '1 - ' ~ setting('support_quality_days')) %}
with

-- Those who are paid for something else than to answer don't staff an hour.
shifts as (
    select * from {{ ref('stg_agents_shifts') }}
    where team <> {{ setting('staffing_excluded_team', 'string') }}
        and starts_at < {{ as_of_instant() }} and {{ business_date('ends_at') }} >= {{ first_day }}
),

customer_zones as (select * from {{ ref('int_customer__zones') }}),

span as (
    select
        {{ epoch_seconds(day_start(first_day)) }} as first_second,
        {{ epoch_seconds(as_of_instant()) }} as last_second
),

half_hours as (
    select
        {{ explode_numbers(
            'cast(floor(first_second / 1800.0) as bigint)', 'cast(floor(last_second / 1800.0) as bigint) - 1'
        ) }} as half_hour
    from span
),

-- Half hours, because some zones lie half an hour apart from the others.
shift_half_hours as (
    select
        {{ epoch_seconds('starts_at') }} as starts_seconds,
        {{ epoch_seconds('ends_at') }} as ends_seconds,
        {{ explode_numbers(
            'cast(floor(' ~ epoch_seconds('starts_at') ~ ' / 1800.0) as bigint)',
            'cast(floor((' ~ epoch_seconds('ends_at') ~ ' - 1) / 1800.0) as bigint)'
        ) }} as half_hour
    from shifts
),

staffed as (
    select
        half_hour,
        cast(sum(least(ends_seconds, (half_hour + 1) * 1800) - greatest(starts_seconds, half_hour * 1800)) as bigint) as staffed_seconds
    from shift_half_hours
    group by half_hour
),

local_supply as (
    select
        used.time_zone,
        {{ to_zone(from_epoch('half_hours.half_hour * 1800'), 'used.time_zone') }} as local_at,
        coalesce(staffed.staffed_seconds, 0) as staffed_seconds
    from half_hours
    cross join (select distinct time_zone from customer_zones) as used
    left join staffed on half_hours.half_hour = staffed.half_hour
),

final as (
    select
        time_zone,
        {{ iso_weekday('cast(local_at as date)') }} as weekday,
        cast(extract(hour from local_at) as integer) as local_hour,
        cast(count(*) as double) / 2 as hours,
        cast(sum(staffed_seconds) as double) / 3600 as staffed_agent_hours
    from local_supply
    group by 1, 2, 3
)

select * from final
