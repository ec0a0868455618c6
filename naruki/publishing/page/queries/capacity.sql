-- One row per team: hours a week there are and needed, on average over the weeks that are planned.
select
    pool,
    any_value(label_en) as pool_en,
    any_value(label_ja) as pool_ja,
    avg(plannable_hours) as supply,
    avg(demand_hours) as demand,
    sum(demand_hours) / nullif(sum(plannable_hours), 0) as load,
    avg(unserved_hours) as unserved,
    max(hour_price) as hour_price
from tier_capacity_current
group by pool
order by load desc nulls last, pool
