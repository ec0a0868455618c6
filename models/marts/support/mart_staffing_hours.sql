-- One row per as-of day, time zone of customers, weekday and hour there: what customers ask and how many agents are at work.
{%- set first_day = add_days(as_of_date(), '1 - ' ~ setting('support_quality_days')) %}
with

customers as (select * from {{ ref('stg_customers') }} where not is_test),
zones as (select * from {{ ref('cfg_schedule_zone') }}),
contacts as (
    select * from {{ ref('fct_interaction') }}
    where {{ stood_as_contact() }} and occurred_at < {{ as_of_instant() }} and occurred_on >= {{ first_day }}
),
-- Those who are paid for something else than to answer don't staff an hour.
shifts as (
    select * from {{ ref('stg_agents_shifts') }}
    where team <> {{ setting('staffing_excluded_team', 'string') }}
        and starts_at < {{ as_of_instant() }} and {{ business_date('ends_at') }} >= {{ first_day }}
),

-- Zones that no clock knows are left out; customers without one follow the business zone.
customer_zones as (
    select
        customers.customer_id,
        zones.time_zone
    from customers
    inner join zones on coalesce(customers.time_zone, {{ setting('business_time_zone', 'string') }}) = zones.time_zone
    where customers.signed_up_at < {{ as_of_instant() }}
),

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

supply as (
    select
        time_zone,
        {{ iso_weekday('cast(local_at as date)') }} as weekday,
        cast(extract(hour from local_at) as integer) as local_hour,
        cast(count(*) as double) / 2 as hours,
        cast(sum(staffed_seconds) as double) / 3600 as staffed_agent_hours
    from local_supply
    group by 1, 2, 3
),

local_demand as (
    select
        customer_zones.time_zone,
        {{ to_zone('contacts.occurred_at', 'customer_zones.time_zone') }} as local_at
    from contacts
    inner join customer_zones on contacts.customer_id = customer_zones.customer_id
),

demand as (
    select
        time_zone,
        {{ iso_weekday('cast(local_at as date)') }} as weekday,
        cast(extract(hour from local_at) as integer) as local_hour,
        cast(count(*) as bigint) as contacts
    from local_demand
    group by 1, 2, 3
),

populations as (
    select
        time_zone,
        cast(count(*) as bigint) as customers
    from customer_zones
    group by time_zone
),

known as (
    select
        {{ feed_known(['tickets', 'calls']) }} as has_contacts,
        (select max(case when has_rows then 1 else 0 end) = 1 from {{ ref('stg_feeds') }} where feed = 'agents_shifts') as has_shifts
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        supply.time_zone,
        supply.weekday,
        supply.local_hour,

        populations.customers,
        case when known.has_contacts then coalesce(demand.contacts, 0) end as contacts,
        supply.hours,
        case when known.has_shifts then supply.staffed_agent_hours end as staffed_agent_hours,
        case
            when known.has_contacts and known.has_shifts then {{ rate('coalesce(demand.contacts, 0)', 'supply.staffed_agent_hours') }}
        end as contacts_per_agent_hour,

        case when known.has_shifts then supply.staffed_agent_hours = 0 end as is_unstaffed
    from supply
    cross join known
    inner join populations on supply.time_zone = populations.time_zone
    left join demand
        on supply.time_zone = demand.time_zone
        and supply.weekday = demand.weekday
        and supply.local_hour = demand.local_hour
)

select * from final
