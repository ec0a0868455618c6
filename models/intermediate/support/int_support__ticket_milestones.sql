-- One row per ticket that this run builds: when it was answered, resolved, reopened and passed on; from its events, else its fields.
with

touched_days as (select * from {{ ref('int_support__touched_days') }}),
tickets as (
    select * from {{ ref('int_support__tickets') }}
    where {{ business_date('created_at') }} in (select touched_date from touched_days)
),
ticket_events as (select * from {{ ref('int_support__ticket_events') }}),

-- The role is the one at the time of the comment; bots and internal notes are no replies.
comments as (
    select
        ticket_id,
        occurred_at,
        actor_role = 'agent' and is_public as is_agent_reply,
        row_number() over (partition by ticket_id order by occurred_at, event_id) as comment_number,
        row_number() over (
            partition by ticket_id, actor_role = 'agent' and is_public
            order by occurred_at, event_id
        ) as reply_number,
        {{ epoch_seconds('occurred_at') }} - {{ epoch_seconds('created_at') }} <= {{ setting('opening_comment_seconds') }} as is_opening
    from ticket_events
    where event_kind = 'comment'
),

comment_facts as (
    select
        ticket_id,
        min(case when is_agent_reply and reply_number = 1 then occurred_at end) as first_agent_comment_at,
        min(case when is_agent_reply and reply_number = 2 then occurred_at end) as second_agent_comment_at,
        cast(count(case when is_agent_reply then 1 end) as bigint) as touches,
        max(case when comment_number = 1 and is_agent_reply and is_opening then 1 else 0 end) = 1 as is_opened_by_agent
    from comments
    group by ticket_id
),

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
status_facts as (
    select
        ticket_id,
        min(case when is_final and not was_final then occurred_at end) as first_resolved_at,
        max(case when is_final and not was_final then occurred_at end) as resolved_at,
        min(case when was_final and not is_final then occurred_at end) as first_reopened_at,
        cast(count(case when was_final and not is_final then 1 end) as bigint) as reopens,
        max(case when step_from_end = 1 and is_final then 1 else 0 end) = 1 as is_final
    from status_steps
    group by ticket_id
),

-- Where the source reports transfers they count; else each change from one assignee to another does.
moves as (
    select
        ticket_id,
        min(occurred_at) as first_transferred_at,
        cast(greatest(
            count(case when event_kind = 'transfer' then 1 end),
            count(case when event_kind = 'assignment' then 1 end)
        ) as bigint) as transfers
    from ticket_events
    where event_kind = 'transfer' or (event_kind = 'assignment' and from_value <> to_value)
    group by ticket_id
),

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
