-- One row per touch of the success team with one customer; a group session is one row for each customer who attended.
with

landed as (select * from {{ newest(source('landing', 'success_touches'), ['touch_id']) }}),

final as (
    select
        touch_id,
        customer_id,
        action_id,
        session_id,

        kind as touch_kind,
        owner as owner_name,
        outcome,
        note,

        attendees,
        minutes,

        is_proactive,
        coalesce(is_group, false) as is_group,

        occurred_at,
        _loaded_at
    from landed
)

select * from final
