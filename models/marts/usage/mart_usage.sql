-- One row per as-of day and customer: how much of the product it uses, measured against its seats and its own past.
{%- set day = as_of_date() %}
{%- set window = setting('usage_window_days') %}
{%- set baseline_days = '7 * ' ~ setting('usage_baseline_weeks') %}
with

all_usage as (select * from {{ ref('int_usage__user_feature_day') }} where activity_date <= {{ day }}),
meanings as (select * from {{ ref('cfg_usage_event') }}),
terms as (select * from {{ ref('fct_subscription_interval') }}),
known as (select * from {{ ref('int_usage__coverage') }}),
recent as (select * from {{ ref('int_usage__recent') }}),
milestones as (select * from {{ ref('int_usage__milestones') }}),
baseline as (select * from {{ ref('mart_usage_baseline') }} where as_of_date = {{ day }}),

seats as (
    select customer_id, cast(sum(quantity) as bigint) as paid_seats
    from terms
    where mrr_minor > 0 and {{ stood_before(as_of_instant(), 'valid_from_at', 'valid_to_at') }}
    group by customer_id
),

offered as (
    select cast(count(distinct case when meanings.event_name is null then usage.event_name else meanings.feature end) as bigint) as features_offered
    from all_usage as usage
    left join meanings on usage.event_name = meanings.event_name
),

measured as (
    select
        known.*,
        feed_status = 'ok' and days_of_data >= {{ window }} as has_window,
        milestones.first_activity_on,
        milestones.last_activity_on,
        milestones.first_value_on,
        coalesce(recent.active_users_28d, 0) as active_users_28d,
        coalesce(recent.active_users_prior_28d, 0) as active_users_prior_28d,
        coalesce(recent.active_days_28d, 0) as active_days_28d,
        coalesce(recent.features_used_28d, 0) as features_used_28d,
        coalesce(recent.events_28d, 0) as events_28d,
        coalesce(recent.upgrade_days_28d, 0) as upgrade_days_28d,
        coalesce(recent.integrations_28d, 0) as integrations_28d,
        recent.error_events_28d,
        coalesce(recent.has_known_users, true) as has_known_users,
        seats.paid_seats,
        baseline.week_user_days,
        baseline.usual_user_days,
        baseline.usual_spread
    from known
    left join milestones using (customer_id)
    left join recent using (customer_id)
    left join seats using (customer_id)
    left join baseline using (customer_id)
),

scored as (
    select
        measured.*,
        case
            when feed_status = 'ok' and days_of_data >= {{ baseline_days }} + 7
                and {{ days_between('first_activity_on', day) }} >= {{ baseline_days }}
                and usual_spread > 0
                then round((week_user_days - usual_user_days) / usual_spread, 4)
        end as usage_z
    from measured
),

final as (
    select
        {{ day }} as as_of_date,
        scored.customer_id,

        scored.feed_status,

        case when scored.has_window and scored.has_known_users then scored.active_users_28d end as active_users_28d,
        scored.paid_seats,
        case when scored.has_window and scored.has_known_users then {{ rate('scored.active_users_28d', 'scored.paid_seats') }} end as utilisation_rate,
        case when scored.has_window then scored.active_days_28d end as active_days_28d,
        case when scored.has_window then scored.features_used_28d end as features_used_28d,
        offered.features_offered,
        case when scored.has_window then {{ rate('scored.features_used_28d', 'offered.features_offered') }} end as adoption_breadth_share,
        case when scored.has_window then scored.events_28d end as events_28d,
        case when scored.has_window then scored.error_events_28d end as error_events_28d,
        case when scored.has_window then {{ rate('scored.error_events_28d', 'scored.events_28d') }} end as error_rate,
        case when scored.has_window then scored.upgrade_days_28d end as upgrade_days_28d,
        case when scored.has_window then scored.integrations_28d end as integrations_28d,
        case when scored.has_window and scored.has_known_users and scored.days_of_data >= 2 * {{ window }}
            then scored.active_users_prior_28d
        end as active_users_prior_28d,
        case when scored.has_window and scored.has_known_users and scored.days_of_data >= 2 * {{ window }}
            then {{ rate('scored.active_users_28d - scored.active_users_prior_28d', 'scored.active_users_prior_28d') }}
        end as usage_trend_rate,

        case when scored.feed_status = 'ok' then scored.week_user_days end as week_user_days,
        case when scored.feed_status = 'ok' then scored.usual_user_days end as usual_user_days,
        case when scored.feed_status = 'ok' then scored.usual_spread end as usual_spread,
        scored.usage_z,
        scored.usage_z <= {{ setting('usage_fading_z', 'double') }} as is_fading,

        {{ days_between('scored.signed_up_on', 'scored.first_value_on') }} as days_to_first_value,
        {{ days_between('scored.last_activity_on', day) }} as days_since_activity,
        scored.feed_age_days,
        case when scored.last_date is not null then scored.days_of_data end as days_of_data,

        scored.first_activity_on,
        scored.last_activity_on,
        scored.first_value_on
    from scored
    cross join offered
)

select * from final
