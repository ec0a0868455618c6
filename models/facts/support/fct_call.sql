-- One row per leg of a call, test customers left out; the legs of one call share root_call_id.
with

calls as (select * from {{ ref('stg_calls') }}),
tickets as (select ticket_id, customer_id, reason from {{ ref('int_support__tickets') }}),
customers as (select * from {{ ref('stg_customers') }}),
account_matches as ({{ account_matches('calls', 'call_id', 'offered_at') }}),

legs as (
    select
        calls.*,
        coalesce(known.customer_id, tickets.customer_id, by_account.customer_id) as resolved_customer_id,
        coalesce(tickets.reason, 'unclassified') as reason,
        calls.talk_seconds + calls.hold_seconds + calls.wrap_seconds as handled_seconds,
        case
            when calls.outcome = 'answered' then {{ epoch_seconds('calls.answered_at') }} - {{ epoch_seconds('calls.offered_at') }}
            else {{ epoch_seconds('calls.ended_at') }} - {{ epoch_seconds('calls.offered_at') }}
        end as wait_seconds,
        -- Legs are told by the ticket, else by the customer; a call of nobody known stands alone.
        coalesce(calls.ticket_id, calls.customer_id, calls.call_id) as caller
    from calls
    left join customers as known on calls.customer_id = known.customer_id
    left join tickets on calls.ticket_id = tickets.ticket_id
    left join account_matches on calls.call_id = account_matches.call_id
    left join customers as by_account on account_matches.customer_id = by_account.customer_id
    left join customers on coalesce(known.customer_id, tickets.customer_id, by_account.customer_id) = customers.customer_id
    where not coalesce(customers.is_test, false)
),

-- A leg follows the leg before when that one was answered and ended moments before.
linked as (
    select
        *,
        case
            when lag(outcome) over caller_legs = 'answered'
                and {{ epoch_seconds('offered_at') }}
                - coalesce(
                    lag({{ epoch_seconds('ended_at') }}) over caller_legs,
                    lag({{ epoch_seconds('answered_at') }} + talk_seconds + hold_seconds) over caller_legs
                )
                <= {{ setting('transfer_gap_seconds') }}
                then 0
            else 1
        end as is_first_leg
    from legs
    window caller_legs as (partition by caller, is_inbound order by offered_at, call_id)
),

numbered as (
    select
        *,
        sum(is_first_leg) over (
            partition by caller, is_inbound order by offered_at, call_id rows between unbounded preceding and current row
        ) as call_number
    from linked
),

rooted as (
    select
        *,
        first_value(call_id) over (partition by caller, is_inbound, call_number order by offered_at, call_id) as root_call_id,
        row_number() over (partition by caller, is_inbound, call_number order by offered_at, call_id) as leg_number,
        row_number() over (partition by caller, is_inbound, call_number, outcome order by offered_at, call_id) as leg_of_outcome,
        sum(case when outcome = 'answered' then handled_seconds end) over (
            partition by caller, is_inbound, call_number
        ) as call_handled_seconds
    from numbered
),

final as (
    select
        call_id,
        root_call_id,
        ticket_id,
        resolved_customer_id as customer_id,
        agent_id,

        queue,
        outcome,
        reason,

        cast(leg_number as integer) as leg_number,
        cast(wait_seconds as bigint) as wait_seconds,
        cast(case when outcome = 'answered' then talk_seconds end as bigint) as talk_seconds,
        cast(case when outcome = 'answered' then hold_seconds end as bigint) as hold_seconds,
        cast(case when outcome = 'answered' then wrap_seconds end as bigint) as wrap_seconds,
        cast(case when outcome = 'answered' then handled_seconds end as bigint) as handled_seconds,
        -- All legs of a call are one handled call, which counts where it was first answered.
        cast(case when outcome = 'answered' and leg_of_outcome = 1 then call_handled_seconds end as bigint) as call_handled_seconds,

        is_inbound,
        is_inbound as is_offered,
        outcome = 'answered' as is_answered,
        outcome = 'answered' and leg_of_outcome = 1 as is_handled,
        outcome = 'abandoned' as is_abandoned,
        coalesce(outcome = 'abandoned' and wait_seconds < {{ setting('short_abandon_seconds') }}, false) as is_short_abandoned,
        outcome = 'ivr' as is_ivr,
        outcome = 'overflow' as is_overflow,
        coalesce(outcome = 'answered' and wait_seconds <= {{ setting('service_level_seconds') }}, false) as is_within_service_level,

        offered_at,
        {{ business_date('offered_at') }} as offered_on,
        answered_at,
        ended_at
    from rooted
)

select * from final
