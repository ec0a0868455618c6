-- One row per step of a ticket: a comment, a change of status, assignee or group, a merge.
with

landed as (select * from {{ newest_of_many(source('landing', 'ticket_events'), 'event_id') }}),

final as (
    select
        event_id,
        ticket_id,

        kind as event_kind,
        actor_role,
        case when kind = 'status' then lower(trim(from_value)) else from_value end as from_value,
        case when kind = 'status' then lower(trim(to_value)) else to_value end as to_value,

        coalesce(is_public, true) as is_public,

        occurred_at,
        _loaded_at
    from landed
)

select * from final
