-- Every customer has exactly one row for every month from its first to the newest, so that sums over months mean what they say.
with

months as (
    select
        customer_id,
        count(*) as months,
        count(distinct month_start_date) as distinct_months,
        {{ months_between('min(month_start_date)', 'max(month_start_date)') }} + 1 as months_spanned
    from {{ ref('fct_customer_month') }}
    group by customer_id
)

select * from months
where months <> distinct_months or months <> months_spanned
