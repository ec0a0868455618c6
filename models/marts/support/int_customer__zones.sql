-- One row per customer by the as-of day whose clock is known: its time zone.
{{ config(materialized='ephemeral') }}
with

customers as (select * from {{ ref('stg_customers') }} where not is_test),
zones as (select * from {{ ref('cfg_schedule_zone') }}),

-- Zones that no clock knows are left out; customers without one follow the business zone.
final as (
    select
        customers.customer_id,
        zones.time_zone
    from customers
    inner join zones on coalesce(customers.time_zone, {{ setting('business_time_zone', 'string') }}) = zones.time_zone
    where customers.signed_up_at < {{ as_of_instant() }}
)

select * from final
