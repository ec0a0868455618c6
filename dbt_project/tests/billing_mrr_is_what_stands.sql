-- The closing MRR of the newest month is what the running terms are worth, customer by customer: no subscription is lost or counted twice.
{{ config(meta={'dagster': {'ref': {'name': 'fct_mrr_movement'}}}) }}
with

newest as (select max(measured_at) as measured_at, max(month_start_date) as month_start_date from {{ ref('int_calendar__months') }}),

standing as (
    select intervals.customer_id, cast(sum(intervals.mrr_minor) as bigint) as mrr_minor
    from {{ ref('fct_subscription_interval') }} as intervals
    cross join newest
    where {{ stood_before('newest.measured_at', 'intervals.valid_from_at', 'intervals.valid_to_at') }} and intervals.mrr_minor > 0
    group by intervals.customer_id
),

closed as (
    select movements.customer_id, movements.amount_original_minor, movements.original_currency
    from {{ ref('fct_mrr_movement') }} as movements
    inner join newest using (month_start_date)
    where movements.kind = 'closing'
)

select
    coalesce(standing.customer_id, closed.customer_id) as customer_id,
    standing.mrr_minor,
    closed.amount_original_minor
from standing
full outer join closed on standing.customer_id = closed.customer_id
where
    closed.customer_id is null
    or (closed.original_currency is not null and coalesce(standing.mrr_minor, 0) <> closed.amount_original_minor)
