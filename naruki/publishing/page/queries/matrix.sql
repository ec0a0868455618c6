-- One row per cell of similar revenue and demand: cells are tenths of a power of ten, so that no chart draws every customer.
with

placed as (
    select
        quadrant,
        hidden_dissatisfaction,
        round(log10(axis_2_value) * 10) as demand_step,
        round(log10(axis_1_value) * 10) as revenue_step
    from customer_segments_current
    where axis_1_value > 0 and axis_2_value > 0
)

select
    mode(quadrant) as quadrant,
    pow(10, demand_step / 10) as demand,
    pow(10, revenue_step / 10) as revenue,
    count(*) as customers,
    count(*) filter (where hidden_dissatisfaction) as hidden_dissatisfaction
from placed
group by demand_step, revenue_step
order by demand_step, revenue_step
