-- One row per as-of day and customer: its usage of the last week beside that of the weeks before.
{%- set day = as_of_date() %}
{%- set weeks_before = setting('usage_baseline_weeks') %}
with

customers as (
    select * from {{ ref('stg_customers') }}
    where not is_test and signed_up_at < {{ as_of_instant() }}
),

customer_days as (
    select * from {{ ref('fct_customer_day') }}
    where activity_date <= {{ day }} and activity_date > {{ add_days(day, '-7 - 7 * ' ~ weeks_before) }}
),

-- Week 0 ends with the as-of day, the weeks before it are what is usual. A user who is active on five days counts five.
used_weeks as (
    select
        customer_id,
        cast(floor({{ days_between('activity_date', day) }} / cast(7 as double)) as bigint) as week_number,
        cast(sum(coalesce(active_users, 1)) as bigint) as user_days
    from customer_days
    group by 1, 2
),

weeks as (
    select
        customers.customer_id,
        numbers.week_number,
        coalesce(used_weeks.user_days, 0) as user_days
    from customers
    cross join (select {{ explode_numbers('0', weeks_before) }} as week_number) as numbers
    left join used_weeks
        on customers.customer_id = used_weeks.customer_id and numbers.week_number = used_weeks.week_number
),

usual as (
    select customer_id, {{ percentile('user_days', 0.5) }} as usual_user_days
    from weeks
    where week_number > 0
    group by customer_id
),

spread as (
    select
        weeks.customer_id,
        cast(max(case when weeks.week_number = 0 then weeks.user_days end) as bigint) as week_user_days,
        max(usual.usual_user_days) as usual_user_days,
        {{ percentile('case when weeks.week_number > 0 then abs(weeks.user_days - usual.usual_user_days) end', 0.5) }} as median_deviation
    from weeks
    inner join usual on weeks.customer_id = usual.customer_id
    group by weeks.customer_id
),

-- Who never varies would find every change enormous: the spread is at least a share of the level.
final as (
    select
        {{ day }} as as_of_date,
        customer_id,

        week_user_days,
        usual_user_days,
        median_deviation,
        greatest(1.4826 * median_deviation, {{ setting('usage_min_spread_share', 'double') }} * usual_user_days) as usual_spread
    from spread
)

select * from final
