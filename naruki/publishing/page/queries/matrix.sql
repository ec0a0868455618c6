-- One row per cell of similar revenue and demand: cells are tenths of a power of ten, so that no chart draws every customer.
with

placed as (
    select
        round(ln(axis_2_value) / ln(10) * 10) as demand_step,
        round(ln(axis_1_value) / ln(10) * 10) as revenue_step
    from customer_segments_current
    where axis_1_value > 0 and axis_2_value > 0
)

select
    pow(10, demand_step / 10) as demand,
    pow(10, revenue_step / 10) as revenue,
    count(*) as customers
from placed
group by demand_step, revenue_step
order by demand_step, revenue_step
