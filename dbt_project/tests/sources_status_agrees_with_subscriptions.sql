-- Customers of whom the source says that they left while a subscription is paid, or that they are there while none is.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_customers'}}}) }}
with

stated as (select customer_id, source_status from {{ ref('stg_customers') }} where source_status is not null),

newest as (select max(measured_at) as measured_at from {{ ref('int_calendar__months') }}),

paying as (
    select distinct intervals.customer_id
    from {{ ref('fct_subscription_interval') }} as intervals
    cross join newest
    where intervals.mrr_minor > 0 and intervals.valid_from_at <= newest.measured_at
        and (intervals.valid_to_at is null or intervals.valid_to_at > newest.measured_at)
)

select stated.customer_id, stated.source_status
from stated
left join paying on stated.customer_id = paying.customer_id
where (stated.source_status = 'churned') = (paying.customer_id is not null)
