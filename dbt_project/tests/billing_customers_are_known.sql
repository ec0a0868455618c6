-- Who pays should be in the customer feed; who is not stays in the facts, and shows here.
{{ config(meta={'dagster': {'ref': {'name': 'dim_customer'}}}) }}
{{ config(severity='warn') }}
select intervals.customer_id, count(*) as intervals
from {{ ref('fct_subscription_interval') }} as intervals
left join {{ ref('dim_customer') }} as customers on intervals.customer_id = customers.customer_id
where customers.customer_id is null
group by intervals.customer_id
