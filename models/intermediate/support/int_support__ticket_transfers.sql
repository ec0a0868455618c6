-- One row per ticket that was passed on: when first, and how often.
{{ config(materialized='ephemeral') }}
with

ticket_events as (select * from {{ ref('int_support__ticket_events') }}),

-- Where the source reports transfers they count; else each change from one assignee to another does.
final as (
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
)

select * from final
