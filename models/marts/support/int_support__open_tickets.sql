-- One row per ticket that was open at the end of the as-of day: the skill it needs, who owned it then, how often it was passed on.
{{ config(materialized='ephemeral') }}
with

tickets as (select * from {{ ref('fct_ticket') }} where is_counted and created_at < {{ as_of_instant() }}),
events as (select * from {{ ref('stg_ticket_events') }} where occurred_at < {{ as_of_instant() }}),
skills as (select * from {{ ref('cfg_reason_skill') }}),

unresolved as (
    select tickets.*, skills.skill as needed_skill
    from tickets
    left join skills on tickets.reason = skills.reason
    where
        coalesce(tickets.first_resolved_at >= {{ as_of_instant() }}, true)
        or (tickets.first_reopened_at < {{ as_of_instant() }} and coalesce(tickets.resolved_at >= {{ as_of_instant() }}, true))
),

-- Who owned it on the day, not who owns it now. Without events it is the assignee of the ticket's own row.
steps as (
    select
        events.ticket_id,
        events.event_kind,
        {{ agent_pseudonym('events.to_value') }} as agent_id,
        events.event_kind = 'transfer' as is_transfer,
        events.event_kind = 'assignment' and events.from_value <> events.to_value as is_move,
        row_number() over (partition by events.ticket_id, events.event_kind order by events.occurred_at desc, events.event_id desc) as newest_first
    from events
    inner join unresolved on events.ticket_id = unresolved.ticket_id
),

owned as (
    select
        unresolved.ticket_id,
        case
            when count(steps.ticket_id) > 0 then max(case when steps.event_kind = 'assignment' and steps.newest_first = 1 then steps.agent_id end)
            else max(unresolved.agent_id)
        end as agent_id,
        case
            when count(steps.ticket_id) > 0
                then cast(greatest(count(case when steps.is_transfer then 1 end), count(case when steps.is_move then 1 end)) as bigint)
        end as transfers
    from unresolved
    left join steps on unresolved.ticket_id = steps.ticket_id
    group by unresolved.ticket_id
),

final as (
    select
        unresolved.ticket_id,
        unresolved.customer_id,
        owned.agent_id as owner_id,

        unresolved.channel,
        unresolved.reason,
        unresolved.priority,
        unresolved.needed_skill,

        owned.transfers,

        unresolved.created_at
    from unresolved
    inner join owned on unresolved.ticket_id = owned.ticket_id
)

select * from final
