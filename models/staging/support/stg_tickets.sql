-- One row per ticket, in its newest version.
with

landed as (select * from {{ newest_of_many(source('landing', 'tickets'), 'ticket_id', 'updated_at') }}),

final as (
    select
        ticket_id,
        customer_id,
        requester_user_id,
        nullif(merged_into_id, ticket_id) as merged_into_id,
        {{ agent_pseudonym('assignee_id') }} as agent_id,

        lower(trim(channel)) as channel_label,
        lower(trim(origin)) as origin,
        nullif(lower(trim(category)), '') as category,
        coalesce(lower(trim(priority)), 'normal') as priority,
        lower(trim(status)) as status,
        group_name,
        lower(tags) as tags,
        fault,
        subject,
        body,

        case when handle_seconds >= 0 then handle_seconds end as handle_seconds,

        created_at,
        first_reply_at,
        first_resolved_at,
        solved_at,
        updated_at,
        _source as source_name,
        _loaded_at
    from landed
)

select * from final
