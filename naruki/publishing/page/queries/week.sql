-- One row per measure: now, four weeks ago, the usual range (the middle 80 % of what was before) and how it stands.
-- `measured` comes from a file in week/: measure, unit, better ('up' or 'down'), most (more than this is too much, whatever was
-- usual), period, value, and details of the sentence.
with

placed as (
    select
        *,
        max(period) over (partition by measure) as newest,
        row_number() over (partition by measure order by period desc) as age
    from measured
),

summary as (
    select
        measure,
        any_value(unit) as unit,
        any_value(better) as better,
        any_value(most) as most,
        arg_max(value, period) filter (where age = 1) as now,
        arg_max(value, period) filter (where period <= newest - 28) as before,
        case when count(value) filter (where age > 1) >= 4 then quantile_cont(value, 0.1) filter (where age between 2 and 13) end as usual_low,
        case when count(value) filter (where age > 1) >= 4 then quantile_cont(value, 0.9) filter (where age between 2 and 13) end as usual_high,
        list(value order by period) filter (where age <= 13 and value is not null) as history,
        arg_max(details, period) as details
    from placed
    group by measure
),

final as (
    select
        *,
        case
            when now is null then 'unknown'
            when now > most then 'over'
            when usual_low is null then 'new'
            when better = 'up' and now < usual_low or better = 'down' and now > usual_high then 'red'
            else 'good'
        end as state
    from summary
)

select * from final
order by measure
