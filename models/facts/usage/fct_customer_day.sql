-- One row per customer and business day on which it used the product.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='activity_date',
    on_schema_change='fail',
    pre_hook="{{ forget_days('select touched_date from ' ~ ref('int_usage__touched_days'), 'activity_date') }}"
) }}
{%- set touched = ref('int_usage__touched_days') %}

with

usage as (
    select * from {{ ref('int_usage__user_feature_day') }}
    where customer_id is not null and not is_test
    {%- if is_incremental() %} and activity_date in (select touched_date from {{ touched }}){% endif %}
),

final as (
    select
        customer_id,
        activity_date,

        -- Events without a user say that someone was active, not how many: unknown, not 0.
        cast(nullif(count(distinct user_id), 0) as bigint) as active_users,
        cast(sum(events) as bigint) as events,
        cast(count(distinct event_name) as bigint) as features,
        cast(sum(cast(duration_seconds as decimal(18, 3))) as double) as duration_seconds,
        cast(sum(error_events) as bigint) as error_events,

        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from usage
    group by customer_id, activity_date
)

select * from final
