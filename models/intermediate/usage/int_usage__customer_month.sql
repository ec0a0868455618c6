-- One row per customer and business month in which it used the product.
with

usage as (select * from {{ ref('int_usage__user_feature_day') }} where customer_id is not null and not is_test),
months as (select * from {{ ref('int_calendar__months') }}),
meanings as (select * from {{ ref('cfg_usage_event') }}),

named as (
    select
        usage.*,
        months.month_start_date,
        usage.activity_date > {{ add_days('months.measured_on', '-' ~ setting('usage_window_days')) }} as is_in_window,
        case when meanings.event_name is null then usage.event_name else meanings.feature end as feature
    from usage
    inner join months on usage.activity_date between months.month_start_date and months.measured_on
    left join meanings on usage.event_name = meanings.event_name
),

-- Users are distinct over the whole span: adding up daily users would count a person once for every day.
final as (
    select
        customer_id,
        month_start_date,

        cast(nullif(count(distinct user_id), 0) as bigint) as active_users,
        cast(nullif(count(distinct case when is_in_window then user_id end), 0) as bigint) as active_users_28d,
        cast(count(distinct activity_date) as bigint) as active_days,
        cast(count(distinct case when is_in_window then activity_date end) as bigint) as active_days_28d,
        cast(count(distinct feature) as bigint) as features,
        cast(sum(events) as bigint) as events,
        cast(sum(error_events) as bigint) as error_events,
        cast(sum(cast(duration_seconds as decimal(18, 3))) as double) as duration_seconds,

        max(case when user_id is not null then 1 else 0 end) = 1 as has_known_users
    from named
    group by customer_id, month_start_date
)

select * from final
