-- One row per touch of the success team with one customer; a group session is one row for each customer in it.
with

touches as (select * from {{ ref('stg_success_touches') }}),
actions as (select * from {{ ref('cfg_action') }}),
customers as (select * from {{ ref('stg_customers') }}),

counted as (
    select
        *,
        case
            when session_id is null then cast(1 as bigint)
            else cast(count(*) over (partition by session_id) as bigint)
        end as session_rows,
        cast(max(attendees) over (partition by coalesce(session_id, touch_id)) as bigint) as stated_attendees,
        cast(max(minutes) over (partition by coalesce(session_id, touch_id)) as double) as session_minutes
    from touches
),

-- The source may count more heads than it lists customers: what they took is nobody's share. Unknown is planned.
shared as (
    select
        counted.*,
        actions.tier,
        actions.label_en,
        actions.action is not null as is_known_action,
        counted.is_group or counted.session_rows > 1 as is_group_session,
        counted.is_group and counted.stated_attendees is null and counted.session_rows = 1 as is_attendance_assumed,
        case
            when not counted.is_group and counted.session_rows = 1 then cast(1 as bigint)
            else greatest(
                counted.session_rows,
                coalesce(
                    counted.stated_attendees,
                    case when counted.session_rows = 1 then cast(actions.attendees as bigint) end,
                    1
                )
            )
        end as attendees_counted
    from counted
    left join actions on counted.action_id = actions.action
),

final as (
    select
        shared.touch_id,
        shared.customer_id,
        shared.action_id,
        shared.session_id,

        shared.touch_kind,
        shared.label_en as action_name,
        nullif(shared.tier, 'any') as tier,
        lower(trim(shared.outcome)) as outcome,

        shared.attendees_counted as attendees,
        shared.session_minutes,
        cast(1 as double) / shared.attendees_counted as share,
        shared.session_minutes / shared.attendees_counted as minutes_share,

        shared.is_proactive,
        shared.is_group_session as is_group,
        {{ is_listed('shared.outcome', 'touch_missed_outcomes') }} as is_missed,
        shared.is_known_action,
        shared.is_attendance_assumed,

        {{ business_date('shared.occurred_at') }} as occurred_date,
        shared.occurred_at,
        shared._loaded_at as loaded_at
    from shared
    left join customers using (customer_id)
    where not coalesce(customers.is_test, false)
)

select * from final
