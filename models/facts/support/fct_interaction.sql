-- One row per contact of any channel between a customer and us, so that a history stays one although the channel changes.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='person_id',
    on_schema_change='fail',
    pre_hook="{{ forget_days('select person_id from ' ~ ref('int_support__touched_people'), 'person_id') }}"
) }}
with

touched_people as (select * from {{ ref('int_support__touched_people') }}),

contacts as (
    select *, {{ epoch_seconds('occurred_at') }} as occurred_seconds
    from {{ ref('int_support__contacts') }}
    where person_id in (select person_id from touched_people)
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
    from contacts
    where root_interaction_id is null
    window
        earlier as (partition by person_id order by occurred_seconds, interaction_id rows between unbounded preceding and 1 preceding),
        later as (partition by person_id order by occurred_seconds, interaction_id rows between 1 following and unbounded following)
),

started as (
    select
        *,
        case
            when occurred_seconds - lag(occurred_seconds) over (partition by person_id, topic order by occurred_seconds, interaction_id)
                <= {{ setting('conversation_gap_hours') }} * 3600 then 0
            else 1
        end as is_start
    from reasoned
),

numbered as (
    select
        *,
        sum(is_start) over (
            partition by person_id, topic order by occurred_seconds, interaction_id rows between unbounded preceding and current row
        ) as conversation_number
    from started
),

roots as (
    select
        interaction_id,
        first_value(interaction_id) over (
            partition by person_id, topic, conversation_number order by occurred_seconds, interaction_id
        ) as conversation_id
    from numbered
),

-- What belongs to another contact is part of its conversation.
placed as (
    select contacts.*, coalesce(roots.conversation_id, contacts.root_interaction_id) as conversation_id
    from contacts
    left join roots on coalesce(contacts.root_interaction_id, contacts.interaction_id) = roots.interaction_id
),

switched as (
    select
        *,
        case when channel <> lag(channel) over conversation then 1 else 0 end as is_switch,
        row_number() over conversation as contact_number,
        lead(occurred_at) over (
            partition by customer_id, reason, is_contact order by occurred_seconds, interaction_id
        ) as next_same_reason_at
    from placed
    window conversation as (partition by conversation_id order by occurred_seconds, interaction_id)
),

final as (
    select
        interaction_id,
        conversation_id,
        root_interaction_id,
        person_id,
        source_kind,
        source_id,
        customer_id,
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
        case when is_contact and customer_id is not null then next_same_reason_at end as next_same_reason_at,
        {{ conversation_policy_version() }} as policy_version
    from switched
)

select * from final
