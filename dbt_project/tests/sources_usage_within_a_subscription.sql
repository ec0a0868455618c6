-- Usage before its subscription began: a wrong clock, a trial that was not delivered, or rows of another customer. They are kept and
-- counted; whoever reads adoption should know. Without a subscription's id on the event the customer's first one counts.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_usage_events'}}}) }}
with

usage as (
    select event_id, customer_id, occurred_at, {{ json_text('properties', 'subscription_id') }} as subscription_id
    from {{ ref('stg_usage_events') }}
),

subscriptions as (
    select subscription_id, min(started_at) as started_at from {{ ref('stg_subscriptions') }} group by subscription_id
),

customers as (
    select customer_id, min(started_at) as started_at from {{ ref('stg_subscriptions') }} group by customer_id
)

select usage.event_id
from usage
left join subscriptions on usage.subscription_id = subscriptions.subscription_id
left join customers on usage.customer_id = customers.customer_id
where usage.occurred_at < coalesce(subscriptions.started_at, customers.started_at)
