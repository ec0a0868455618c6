-- One row per decision: the load of the busiest team in the first week planned.
with

teams as (
    select
        as_of_date,
        label_en,
        label_ja,
        load,
        demand_hours,
        plannable_hours
    from tier_capacity
    where load is not null
    qualify week_start_date = min(week_start_date) over (partition by as_of_date)
)

select
    'load' as measure,
    'share' as unit,
    'down' as better,
    cast(1.0 as double) as most,
    as_of_date as period,
    max(load) as value,
    {
        'team_en': arg_max(label_en, load),
        'team_ja': arg_max(label_ja, load),
        'needed': arg_max(demand_hours, load),
        'there': arg_max(plannable_hours, load)
    } as details
from teams
group by as_of_date
