-- Minutes in = minutes allocated + unallocated, per kind of source: what is left out (test customers, merged duplicates, spam,
-- calls that a ticket repeats) is told apart, and the rest is found again to the minute.
{{ config(meta={'dagster': {'ref': {'name': 'fct_work_allocation'}}}) }}
with

staged_tickets as (select * from {{ ref('stg_tickets') }}),
tickets as (select * from {{ ref('fct_ticket') }}),
staged_calls as (select * from {{ ref('stg_calls') }}),
calls as (select * from {{ ref('fct_call') }}),
touches as (select * from {{ ref('stg_success_touches') }}),
work as (select * from {{ ref('fct_work_allocation') }}),

came_in as (
    select
        'ticket' as source_kind,
        sum(
            case
                when tickets.ticket_id is null or not tickets.is_counted then 0
                when tickets.call_seconds > staged_tickets.handle_seconds then 0
                else staged_tickets.handle_seconds - tickets.call_seconds
            end
        ) / 60.0 as minutes
    from staged_tickets
    left join tickets on staged_tickets.ticket_id = tickets.ticket_id
    where staged_tickets.handle_seconds is not null
    union all
    select
        'call' as source_kind,
        sum(staged_calls.talk_seconds + staged_calls.hold_seconds + staged_calls.wrap_seconds) / 60.0 as minutes
    from staged_calls
    inner join calls on staged_calls.call_id = calls.call_id
    where staged_calls.outcome = 'answered'
    union all
    select 'touch' as source_kind, sum(minutes) as minutes
    from (
        select max(minutes) as minutes
        from touches
        group by {{ session_key() }}
    ) as sessions
),

went_out as (
    select source_kind, sum(reported_minutes) as minutes
    from work
    where not is_imputed
    group by source_kind
)

select
    came_in.source_kind,
    came_in.minutes as minutes_in,
    went_out.minutes as minutes_out
from came_in
left join went_out on came_in.source_kind = went_out.source_kind
where abs(coalesce(came_in.minutes, 0) - coalesce(went_out.minutes, 0)) > 1
