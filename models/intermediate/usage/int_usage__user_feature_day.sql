-- One row per business day, customer, user and event name.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='activity_date',
    on_schema_change='fail',
    pre_hook="{{ forget_days('select touched_date from ' ~ ref('int_usage__touched_days'), 'activity_date') }}"
) }}
{%- set touched = ref('int_usage__touched_days') %}

with

events as (
    select * from {{ newest_events(
        source('landing', 'usage_events'), 'event_id', 'occurred_at',
        ['customer_id', 'user_id', 'event_name', 'quantity', 'duration_seconds', 'is_error', 'occurred_at'],
        days=touched if is_incremental() else none
    ) }}
),

users as (select * from {{ ref('stg_users') }}),

customers as (select * from {{ ref('stg_customers') }}),

-- Sums of decimals don't depend on the order of the rows, sums of doubles do.
grouped as (
    select
        {{ business_date('occurred_at') }} as activity_date,
        customer_id,
        user_id,
        event_name,

        cast(count(*) as bigint) as events,
        cast(sum(case when is_error then 1 when not is_error then 0 end) as bigint) as error_events,
        cast(sum({{ safe_cast('quantity', 'decimal(18, 3)') }}) as double) as quantity,
        cast(sum({{ safe_cast('duration_seconds', 'decimal(18, 3)') }}) as double) as duration_seconds,

        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at
    from events
    group by 1, 2, 3, 4
),

final as (
    select
        grouped.activity_date,
        coalesce(grouped.customer_id, users.customer_id) as customer_id,
        grouped.user_id,

        grouped.event_name,

        grouped.events,
        grouped.error_events,
        grouped.quantity,
        grouped.duration_seconds,

        grouped.customer_id is not null as is_customer_stated,
        coalesce(customers.is_test, false) as is_test,

        grouped.first_event_at,
        grouped.last_event_at
    from grouped
    left join users on grouped.user_id = users.user_id
    left join customers on coalesce(grouped.customer_id, users.customer_id) = customers.customer_id
)

select * from final
