-- One row per customer by the as-of day: how many days of usage data there are of it, and how old the feed is.
{{ config(materialized='ephemeral') }}
{%- set day = as_of_date() %}
with

customers as (
    select * from {{ ref('stg_customers') }}
    where not is_test and signed_up_at < {{ as_of_instant() }}
),

all_usage as (select * from {{ ref('int_usage__user_feature_day') }} where activity_date <= {{ day }}),

feed as (
    select
        min(activity_date) as first_date,
        max(activity_date) as last_date
    from all_usage
),

final as (
    select
        customers.customer_id,
        {{ business_date('customers.signed_up_at') }} as signed_up_on,
        feed.last_date,
        {{ days_between('greatest(feed.first_date, ' ~ business_date('customers.signed_up_at') ~ ')', day) }} + 1 as days_of_data,
        {{ days_between('feed.last_date', day) }} as feed_age_days,
        case
            when feed.last_date is null then 'no_feed'
            when {{ days_between('feed.last_date', day) }} > {{ setting('usage_feed_max_lag_days') }} then 'stale'
            else 'ok'
        end as feed_status
    from customers
    cross join feed
)

select * from final
