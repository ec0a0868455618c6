-- One row per ticket that this run builds and that has answered calls: their seconds up to its first resolution.
{{ config(materialized='ephemeral') }}
with

tickets as (select * from {{ ref('int_support__tickets') }}),
milestones as (select * from {{ ref('int_support__ticket_milestones') }}),
calls as (select * from {{ ref('stg_calls') }}),

-- Calls up to the first resolution are in the ticket's own time; an inbound call before creation made the agent open it.
final as (
    select
        calls.ticket_id,
        cast(sum(calls.talk_seconds + calls.hold_seconds + calls.wrap_seconds) as bigint) as call_seconds,
        max(case when calls.is_inbound and calls.offered_at <= tickets.created_at then 1 else 0 end) = 1 as has_inbound_call
    from calls
    inner join tickets on calls.ticket_id = tickets.ticket_id
    inner join milestones on calls.ticket_id = milestones.ticket_id
    where calls.outcome = 'answered' and (milestones.first_resolved_at is null or calls.offered_at <= milestones.first_resolved_at)
    group by calls.ticket_id
)

select * from final
