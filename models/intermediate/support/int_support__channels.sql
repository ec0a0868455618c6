-- One row per ticket, call, social mention and question to the community, in the same columns.
{{ config(materialized='ephemeral') }}
with

tickets as (select * from {{ ref('fct_ticket') }}),
calls as (select * from {{ ref('fct_call') }}),
mentions as (select * from {{ ref('stg_social_mentions') }}),
posts as (select * from {{ ref('stg_community_posts') }}),
users as (select * from {{ ref('stg_users') }}),

-- What belongs to a ticket (a merged duplicate, the call it records) is told by root_id and is no contact of its own.
final as (
    select
        'ticket' as source_kind,
        ticket_id as source_id,
        case when is_merged then merged_into_id end as root_id,
        customer_id,
        agent_id,
        channel,
        case when is_inbound then 'inbound' else 'outbound' end as direction,
        nullif(reason, 'unclassified') as reason,
        demand_kind,
        first_reply_minutes * 60 as wait_seconds,
        cast(handle_seconds as double) as work_seconds,
        is_inbound and is_counted as is_contact,
        created_at as occurred_at,
        case when is_inbound then merged_at end as merged_at
    from tickets
    where not is_spam
    union all
    select
        'call' as source_kind,
        calls.call_id as source_id,
        tickets.ticket_id as root_id,
        calls.customer_id,
        calls.agent_id,
        'phone' as channel,
        case when calls.is_inbound then 'inbound' else 'outbound' end as direction,
        nullif(calls.reason, 'unclassified') as reason,
        coalesce(tickets.demand_kind, case when calls.is_inbound then 'customer' else 'proactive' end) as demand_kind,
        cast(calls.wait_seconds as double) as wait_seconds,
        cast(calls.call_handled_seconds as double) as work_seconds,
        -- Who hung up at once or was served by the voice menu did not reach for a person.
        calls.is_inbound and tickets.ticket_id is null and not calls.is_short_abandoned and not calls.is_ivr as is_contact,
        calls.offered_at as occurred_at,
        null as merged_at
    from calls
    left join tickets on calls.ticket_id = tickets.ticket_id
    where calls.leg_number = 1
    union all
    select
        'social' as source_kind,
        mention_id as source_id,
        null as root_id,
        customer_id,
        null as agent_id,
        'social' as channel,
        'inbound' as direction,
        null as reason,
        'customer' as demand_kind,
        cast({{ epoch_seconds('replied_publicly_at') }} - {{ epoch_seconds('posted_at') }} as double) as wait_seconds,
        null as work_seconds,
        true as is_contact,
        posted_at as occurred_at,
        null as merged_at
    from mentions
    union all
    -- A question to other customers is part of the history and no contact with us.
    select
        'community' as source_kind,
        posts.post_id as source_id,
        null as root_id,
        coalesce(posts.customer_id, users.customer_id) as customer_id,
        null as agent_id,
        'community' as channel,
        'inbound' as direction,
        null as reason,
        'customer' as demand_kind,
        null as wait_seconds,
        null as work_seconds,
        false as is_contact,
        posts.posted_at as occurred_at,
        null as merged_at
    from posts
    left join users on posts.user_id = users.user_id
    where posts.is_question
)

select * from final
