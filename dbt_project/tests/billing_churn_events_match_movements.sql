-- Every churn among the movements is one churn event with the same MRR, and the other way round.
{{ config(meta={'dagster': {'ref': {'name': 'fct_churn_event'}}}) }}
select
    coalesce(events.customer_id, movements.customer_id) as customer_id,
    coalesce(events.month_start_date, movements.month_start_date) as month_start_date
from (select * from {{ ref('fct_churn_event') }} where is_ended) as events
full outer join (select * from {{ ref('fct_mrr_movement') }} where kind = 'churn') as movements
    on events.customer_id = movements.customer_id and events.month_start_date = movements.month_start_date
where
    events.customer_id is null
    or movements.customer_id is null
    or events.mrr_lost_minor <> -movements.amount_minor
