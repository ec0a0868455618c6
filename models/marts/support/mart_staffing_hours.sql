-- One row per as-of day, time zone of customers, weekday and hour there: what customers ask and how many agents are at work.
{%- set first_day = add_days(as_of_date(), '1 - ' ~ setting('support_quality_days')) %}
with

contacts as (
    select * from {{ ref('fct_interaction') }}
    where {{ stood_as_contact() }} and occurred_at < {{ as_of_instant() }} and occurred_on >= {{ first_day }}
),
customer_zones as (select * from {{ ref('int_customer__zones') }}),
supply as (select * from {{ ref('int_support__staffed_hours') }}),

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
