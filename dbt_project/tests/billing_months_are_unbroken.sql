-- From the first payment on every month has an opening, which is what the month before closed with: a gap would hide a churn.
with

months as (
    select
        customer_id,
        month_start_date,
        max(case when kind = 'opening' then amount_minor end) as opening_minor,
        max(case when kind = 'closing' then amount_minor end) as closing_minor
    from {{ ref('fct_mrr_movement') }}
    group by customer_id, month_start_date
),

beside as (
    select
        *,
        lag(month_start_date) over (partition by customer_id order by month_start_date) as prior_month,
        lag(closing_minor) over (partition by customer_id order by month_start_date) as prior_closing_minor
    from months
)

select *
from beside
where
    {{ add_months('prior_month', 1) }} <> month_start_date
    or (prior_month is null and opening_minor <> 0)
    or prior_closing_minor <> opening_minor
