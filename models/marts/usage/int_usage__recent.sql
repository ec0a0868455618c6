-- One row per customer with usage in the last two windows: users, days and features of the newest, each counted once.
{{ config(materialized='ephemeral') }}
{%- set day = as_of_date() %}
{%- set window = setting('usage_window_days') %}
with

all_usage as (select * from {{ ref('int_usage__user_feature_day') }} where activity_date <= {{ day }}),
meanings as (select * from {{ ref('cfg_usage_event') }}),

-- Users and features are distinct over the window, never added up over days.
final as (
    select
        usage.customer_id,
        cast(count(distinct case when usage.activity_date > {{ add_days(day, '-' ~ window) }} then usage.user_id end) as bigint) as active_users_28d,
        cast(count(distinct case when usage.activity_date <= {{ add_days(day, '-' ~ window) }} then usage.user_id end) as bigint) as active_users_prior_28d,
        cast(count(distinct case when usage.activity_date > {{ add_days(day, '-' ~ window) }} then usage.activity_date end) as bigint) as active_days_28d,
        cast(count(distinct case
            when usage.activity_date > {{ add_days(day, '-' ~ window) }}
                then case when meanings.event_name is null then usage.event_name else meanings.feature end
        end) as bigint) as features_used_28d,
        cast(sum(case when usage.activity_date > {{ add_days(day, '-' ~ window) }} then usage.events else 0 end) as bigint) as events_28d,
        cast(sum(case when usage.activity_date > {{ add_days(day, '-' ~ window) }} then usage.error_events end) as bigint) as error_events_28d,
        cast(count(distinct case
            when usage.activity_date > {{ add_days(day, '-' ~ window) }} and meanings.is_upgrade_intent then usage.activity_date
        end) as bigint) as upgrade_days_28d,
        cast(count(distinct case
            when usage.activity_date > {{ add_days(day, '-' ~ window) }} and meanings.is_integration then meanings.feature
        end) as bigint) as integrations_28d,
        max(case when usage.user_id is not null then 1 else 0 end) = 1 as has_known_users
    from all_usage as usage
    left join meanings on usage.event_name = meanings.event_name
    where usage.customer_id is not null and usage.activity_date > {{ add_days(day, '-2 * ' ~ window) }}
    group by usage.customer_id
)

select * from final
