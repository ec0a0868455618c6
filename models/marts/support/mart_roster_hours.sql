-- One row per as-of day, week ahead and skill pool: hours of the roster, where it covers the week to its last working day.
{%- set day = as_of_date() %}
with

shifts as (select * from {{ ref('stg_agents_shifts') }}),
pools as (select * from {{ ref('cfg_shift_pool') }}),

-- A roster that landed later was not known when the day was decided.
planned as (
    select
        team,
        skill,
        {{ business_date('starts_at') }} as shift_date,
        cast({{ epoch_seconds('ends_at') }} - {{ epoch_seconds('starts_at') }} as bigint) as shift_seconds
    from shifts
    where starts_at >= {{ as_of_instant() }}
        and {{ business_date('first_loaded_at') }} <= {{ add_days(day, setting('roster_delay_days')) }}
),

rosters as (
    select
        team,
        skill,
        max(shift_date) as last_shift_date
    from planned
    group by team, skill
),

weeks as (
    select
        team,
        skill,
        cast(floor(({{ days_between(day, 'shift_date') }} - 1) / 7.0) as bigint) as week_number,
        cast(sum(shift_seconds) as bigint) as shift_seconds
    from planned
    group by 1, 2, 3
),

ending as (
    select
        weeks.*,
        {{ add_days(day, 'weeks.week_number * 7 + 1') }} as week_start_date,
        {{ add_days(day, 'weeks.week_number * 7 + 7') }} as week_end_date
    from weeks
),

given as (
    select
        ending.week_start_date,
        pools.pool,
        ending.shift_seconds * pools.customer_share / 3600 as hours,
        rosters.last_shift_date >= {{ add_days('ending.week_end_date', '-cast(greatest(' ~ iso_weekday('ending.week_end_date') ~ ' - 5, 0) as integer)') }} as is_covered
    from ending
    inner join rosters on ending.team = rosters.team and ending.skill = rosters.skill
    inner join pools on ending.team = pools.team and ending.skill = pools.skill
),

final as (
    select
        {{ day }} as as_of_date,
        week_start_date,
        pool,
        {{ exact_sum('hours') }} as hours
    from given
    group by week_start_date, pool
    having min(case when is_covered then 1 else 0 end) = 1
)

select * from final
