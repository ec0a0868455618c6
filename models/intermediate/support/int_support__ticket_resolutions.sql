-- One row per ticket with changes of status: when it was first and last resolved, and how often reopened.
{{ config(materialized='ephemeral') }}
with

ticket_events as (select * from {{ ref('int_support__ticket_events') }}),

status_steps as (
    select
        ticket_id,
        occurred_at,
        to_value in ('solved', 'closed') as is_final,
        coalesce(
            from_value,
            lag(to_value) over (partition by ticket_id order by occurred_at, event_id),
            'new'
        ) in ('solved', 'closed') as was_final,
        row_number() over (partition by ticket_id order by occurred_at desc, event_id desc) as step_from_end
    from ticket_events
    where event_kind = 'status' and to_value is not null
),

-- Resolved is the step from being worked on to solved or, without that, closed; reopened is the way back.
final as (
    select
        ticket_id,
        min(case when is_final and not was_final then occurred_at end) as first_resolved_at,
        max(case when is_final and not was_final then occurred_at end) as resolved_at,
        min(case when was_final and not is_final then occurred_at end) as first_reopened_at,
        cast(count(case when was_final and not is_final then 1 end) as bigint) as reopens,
        max(case when step_from_end = 1 and is_final then 1 else 0 end) = 1 as is_final
    from status_steps
    group by ticket_id
)

select * from final
