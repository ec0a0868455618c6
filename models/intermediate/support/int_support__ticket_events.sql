-- One row per step of the tickets that this run builds.
with

touched_days as (select * from {{ ref('int_support__touched_days') }}),
tickets as (select * from {{ ref('int_support__tickets') }}),
events as (select * from {{ ref('stg_ticket_events') }}),

final as (
    select
        events.event_id,
        events.ticket_id,

        events.event_kind,
        events.actor_role,
        events.from_value,
        events.to_value,

        events.is_public,

        tickets.created_at,
        events.occurred_at
    from events
    inner join tickets on events.ticket_id = tickets.ticket_id
    where {{ business_date('tickets.created_at') }} in (select touched_date from touched_days)
)

select * from final
