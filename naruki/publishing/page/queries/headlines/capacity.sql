-- One row: how many hours are missing this week, and in which team most.
with

teams as (
    select * from tier_capacity_current
    qualify week_start_date = min(week_start_date) over ()
)

select
    coalesce(sum(unserved_hours), 0) as short,
    arg_max(label_en, unserved_hours) as team_en,
    arg_max(label_ja, unserved_hours) as team_ja,
    max(unserved_hours) as team_short,
    sum(demand_hours) as needed,
    sum(plannable_hours) as there,
    arg_max(label_en, load) as busiest_en,
    arg_max(label_ja, load) as busiest_ja,
    max(load) as load,
    max(all_high_hours) as all_high,
    case when count(*) = 0 then 'unknown' when coalesce(sum(unserved_hours), 0) < 0.05 then 'enough' end as variant
from teams
