-- One row per contact of any channel between a customer and us, so that a history stays one although the channel changes.
with

tickets as (select * from {{ ref('fct_ticket') }}),
calls as (select * from {{ ref('fct_call') }}),
mentions as (select * from {{ ref('stg_social_mentions') }}),
posts as (select * from {{ ref('stg_community_posts') }}),
users as (select * from {{ ref('stg_users') }}),
customers as (select * from {{ ref('stg_customers') }}),

-- What belongs to a ticket (a merged duplicate, the call it records) is told by root_id and is no contact of its own.
contacts as (
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
),

known as (
    select
        concat(contacts.source_kind, '|', contacts.source_id) as interaction_id,
        contacts.*,
        customers.customer_id as known_customer_id,
        coalesce(customers.customer_id, concat(contacts.source_kind, '|', contacts.source_id)) as person,
        {{ epoch_seconds('contacts.occurred_at') }} as occurred_seconds
    from contacts
    left join customers on contacts.customer_id = customers.customer_id
    where not coalesce(customers.is_test, false)
),

-- A contact without a reason belongs to the last known reason of the customer, else to the next.
reasoned as (
    select
        *,
        coalesce(
            reason,
            case
                when occurred_seconds - max(case when reason is not null then occurred_seconds end) over earlier
                    <= {{ setting('conversation_gap_hours') }} * 3600
                    then last_value(reason ignore nulls) over earlier
            end,
            first_value(reason ignore nulls) over later,
            'unclassified'
        ) as topic
    from known
    where root_id is null
    window
        earlier as (partition by person order by occurred_seconds, interaction_id rows between unbounded preceding and 1 preceding),
        later as (partition by person order by occurred_seconds, interaction_id rows between 1 following and unbounded following)
),

started as (
    select
        *,
        case
            when occurred_seconds - lag(occurred_seconds) over (partition by person, topic order by occurred_seconds, interaction_id)
                <= {{ setting('conversation_gap_hours') }} * 3600 then 0
            else 1
        end as is_start
    from reasoned
),

numbered as (
    select
        *,
        sum(is_start) over (
            partition by person, topic order by occurred_seconds, interaction_id rows between unbounded preceding and current row
        ) as conversation_number
    from started
),

roots as (
    select
        *,
        first_value(interaction_id) over (
            partition by person, topic, conversation_number order by occurred_seconds, interaction_id
        ) as conversation_id
    from numbered
),

placed as (
    select interaction_id, conversation_id from roots
    union all
    select
        known.interaction_id,
        coalesce(parents.conversation_id, grandparents.conversation_id, known.interaction_id) as conversation_id
    from known
    left join roots as parents on parents.source_kind = 'ticket' and known.root_id = parents.source_id
    left join known as merged on merged.source_kind = 'ticket' and known.root_id = merged.source_id and merged.root_id is not null
    left join roots as grandparents on grandparents.source_kind = 'ticket' and merged.root_id = grandparents.source_id
    where known.root_id is not null
),

switched as (
    select
        known.*,
        placed.conversation_id,
        case when known.channel <> lag(known.channel) over conversation then 1 else 0 end as is_switch,
        row_number() over conversation as contact_number,
        lead(known.occurred_at) over (
            partition by known.known_customer_id, known.reason, known.is_contact order by known.occurred_seconds, known.interaction_id
        ) as next_same_reason_at
    from known
    inner join placed on known.interaction_id = placed.interaction_id
    window conversation as (partition by placed.conversation_id order by known.occurred_seconds, known.interaction_id)
),

final as (
    select
        interaction_id,
        conversation_id,
        source_kind,
        source_id,
        known_customer_id as customer_id,
        agent_id,

        channel,
        direction,
        coalesce(reason, 'unclassified') as reason,
        demand_kind,

        wait_seconds,
        work_seconds,
        cast(contact_number as integer) as contact_number,
        cast(sum(is_switch) over (partition by conversation_id) as integer) as channel_switches,

        is_contact,
        is_switch = 1 as switched_channel,

        occurred_at,
        {{ business_date('occurred_at') }} as occurred_on,
        merged_at,
        case when is_contact and known_customer_id is not null then next_same_reason_at end as next_same_reason_at
    from switched
)

select * from final
