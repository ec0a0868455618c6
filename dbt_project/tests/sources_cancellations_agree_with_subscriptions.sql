-- Customers who told that they cancel and still pay more than a month later, by what the source says of its subscriptions.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_subscription_interval'}}}) }}
with

cancelled as (
    select customer_id, max(responded_at) as cancelled_at
    from {{ ref('stg_survey_responses') }}
    where survey_kind = 'cancellation' and responded_at is not null
    group by customer_id
),

paying as (select customer_id, max(coalesce(valid_to_at, cast('9999-12-31' as timestamp))) as paid_until from {{ ref('fct_subscription_interval') }} where mrr_minor > 0 group by customer_id)

select cancelled.customer_id, cancelled.cancelled_at, paying.paid_until
from cancelled
inner join paying on cancelled.customer_id = paying.customer_id
where {{ epoch_seconds('paying.paid_until') }} - {{ epoch_seconds('cancelled.cancelled_at') }} > 31 * 86400
