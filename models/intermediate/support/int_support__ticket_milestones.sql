-- One row per ticket that this run builds: when it was answered, resolved, reopened and passed on; from its events, else its fields.
with

touched_days as (select * from {{ ref('int_support__touched_days') }}),
tickets as (
    select * from {{ ref('int_support__tickets') }}
    where {{ business_date('created_at') }} in (select touched_date from touched_days)
),
ticket_events as (select * from {{ ref('int_support__ticket_events') }}),
comment_facts as (select * from {{ ref('int_support__ticket_comments') }}),
status_facts as (select * from {{ ref('int_support__ticket_resolutions') }}),
moves as (select * from {{ ref('int_support__ticket_transfers') }}),

merges as (
    select
        ticket_id,
        min(occurred_at) as merged_at,
        min(to_value) as merged_into_id
    from ticket_events
    where event_kind = 'merge' and to_value <> ticket_id
    group by ticket_id
),

tickets_with_events as (select distinct ticket_id from ticket_events),

joined as (
    select
        tickets.*,
        coalesce(merges.merged_into_id, tickets.merged_into_id) as final_merged_into_id,
        case
            when merges.merged_at is not null then merges.merged_at
            when tickets.merged_into_id is not null then coalesce(tickets.solved_at, tickets.updated_at)
        end as merged_at,
        coalesce(merges.merged_into_id, tickets.merged_into_id) is not null as is_merged,
        coalesce(comment_facts.is_opened_by_agent, false) or coalesce(tickets.origin = 'agent', false) as is_agent_created,
        comment_facts.ticket_id is not null as has_comments,
        comment_facts.first_agent_comment_at,
        comment_facts.second_agent_comment_at,
        comment_facts.touches,
        status_facts.ticket_id is not null as has_status_steps,
        status_facts.first_resolved_at as first_resolved_step_at,
        status_facts.resolved_at as resolved_step_at,
        status_facts.first_reopened_at,
        status_facts.reopens,
        status_facts.is_final,
        moves.first_transferred_at,
        case when tickets_with_events.ticket_id is not null then coalesce(moves.transfers, 0) end as transfers
    from tickets
    left join comment_facts on tickets.ticket_id = comment_facts.ticket_id
    left join status_facts on tickets.ticket_id = status_facts.ticket_id
    left join moves on tickets.ticket_id = moves.ticket_id
    left join merges on tickets.ticket_id = merges.ticket_id
    left join tickets_with_events on tickets.ticket_id = tickets_with_events.ticket_id
),

final as (
    select
        ticket_id,
        final_merged_into_id as merged_into_id,
        is_merged,
        is_agent_created,
        has_status_steps,
        touches,
        touches - case when is_agent_created then 1 else 0 end as replies,
        transfers,
        reopens,
        case
            when not has_comments then first_reply_at
            when is_agent_created then second_agent_comment_at
            else first_agent_comment_at
        end as first_reply_at,
        case
            when is_merged then merged_at
            when has_status_steps then first_resolved_step_at
            when status in ('solved', 'closed') then coalesce(first_resolved_at, solved_at, updated_at)
            else first_resolved_at
        end as first_resolved_at,
        case
            when is_merged then merged_at
            when has_status_steps then case when is_final then resolved_step_at end
            when status in ('solved', 'closed') then coalesce(solved_at, updated_at, first_resolved_at)
        end as resolved_at,
        first_reopened_at,
        first_transferred_at,
        merged_at
    from joined
)

select * from final
