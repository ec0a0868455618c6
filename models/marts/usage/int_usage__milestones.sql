-- One row per customer that ever used the product: its first and last day, and the first day on which it had its value.
{{ config(materialized='ephemeral') }}
{%- set day = as_of_date() %}
with

all_usage as (select * from {{ ref('int_usage__user_feature_day') }} where activity_date <= {{ day }}),
customer_days as (select * from {{ ref('fct_customer_day') }} where activity_date <= {{ day }}),
meanings as (select * from {{ ref('cfg_usage_event') }}),

ever as (
    select
        customer_id,
        min(activity_date) as first_activity_on,
        max(activity_date) as last_activity_on
    from customer_days
    group by customer_id
),

first_value as (
    select usage.customer_id, min(usage.activity_date) as first_value_on
    from all_usage as usage
    inner join meanings on usage.event_name = meanings.event_name and meanings.is_first_value
    where usage.customer_id is not null
    group by usage.customer_id
),

final as (
    select
        ever.customer_id,

        ever.first_activity_on,
        ever.last_activity_on,
        first_value.first_value_on
    from ever
    left join first_value using (customer_id)
)

select * from final
