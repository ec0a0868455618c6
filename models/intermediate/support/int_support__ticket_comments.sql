-- One row per ticket with comments: who opened it, when an agent wrote first and second, how often.
{{ config(materialized='ephemeral') }}
with

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

final as (
    select
        ticket_id,
        min(case when is_agent_reply and reply_number = 1 then occurred_at end) as first_agent_comment_at,
        min(case when is_agent_reply and reply_number = 2 then occurred_at end) as second_agent_comment_at,
        cast(count(case when is_agent_reply then 1 end) as bigint) as touches,
        max(case when comment_number = 1 and is_agent_reply and is_opening then 1 else 0 end) = 1 as is_opened_by_agent
    from comments
    group by ticket_id
)

select * from final
