-- One row per team: hours a week there are and needed this week and on average over the weeks planned, and what one more hour is worth.
with

weeks as (
    select
        *,
        week_start_date = min(week_start_date) over () as is_first_week
    from tier_capacity_current
)

select
    pool,
    any_value(label_en) as pool_en,
    any_value(label_ja) as pool_ja,
    sum(plannable_hours) filter (where is_first_week) as supply,
    sum(demand_hours) filter (where is_first_week) as demand,
    sum(demand_hours) filter (where is_first_week) / nullif(sum(plannable_hours) filter (where is_first_week), 0) as load,
    sum(unserved_hours) filter (where is_first_week) as unserved,
    max(unserved_hours) as unserved_at_worst,
    count(*) as weeks,
    max(hour_price) as hour_price
from weeks
group by pool
order by load desc nulls last, pool
