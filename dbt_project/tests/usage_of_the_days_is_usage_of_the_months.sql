-- Events of the days of a month are the events of the month; distinct users of the month are no more than those of its days together.
{{ config(meta={'dagster': {'ref': {'name': 'fct_customer_day'}}}) }}
with

days as (
    select customer_id, {{ month_start('activity_date') }} as month_start_date, sum(events) as events, sum(active_users) as user_days, count(*) as active_days
    from {{ ref('fct_customer_day') }}
    group by 1, 2
),

months as (select * from {{ ref('int_usage__customer_month') }})

select months.customer_id, months.month_start_date
from months
left join days using (customer_id, month_start_date)
where
    months.events is distinct from days.events
    or months.active_days is distinct from days.active_days
    or months.active_users > days.user_days
