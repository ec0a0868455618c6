-- One row per leg of a call, test customers left out: whose it is, how long it waited, what was done.
with

calls as (select * from {{ ref('stg_calls') }}),
tickets as (select ticket_id, customer_id, reason from {{ ref('int_support__tickets') }}),
customers as (select * from {{ ref('stg_customers') }}),
account_matches as ({{ account_matches('calls', 'call_id', 'offered_at') }}),

final as (
    select
        calls.call_id,
        calls.ticket_id,
        coalesce(known.customer_id, tickets.customer_id, by_account.customer_id) as customer_id,
        calls.agent_id,
        -- Legs are told by the ticket, else by the customer; a call of nobody known stands alone.
        coalesce(calls.ticket_id, calls.customer_id, calls.call_id) as caller_id,

        calls.queue,
        calls.outcome,
        coalesce(tickets.reason, 'unclassified') as reason,

        cast(case
            when calls.outcome = 'answered' then {{ epoch_seconds('calls.answered_at') }} - {{ epoch_seconds('calls.offered_at') }}
            else {{ epoch_seconds('calls.ended_at') }} - {{ epoch_seconds('calls.offered_at') }}
        end as bigint) as wait_seconds,
        {% for part in ['talk', 'hold', 'wrap'] %}
        cast(case when calls.outcome = 'answered' then calls.{{ part }}_seconds end as bigint) as {{ part }}_seconds,
        {% endfor %}

        calls.is_inbound,

        calls.offered_at,
        {{ business_date('calls.offered_at') }} as offered_on,
        calls.answered_at,
        calls.ended_at
    from calls
    left join customers as known on calls.customer_id = known.customer_id
    left join tickets on calls.ticket_id = tickets.ticket_id
    left join account_matches on calls.call_id = account_matches.call_id
    left join customers as by_account on account_matches.customer_id = by_account.customer_id
    left join customers on coalesce(known.customer_id, tickets.customer_id, by_account.customer_id) = customers.customer_id
    where not coalesce(customers.is_test, false)
)

select * from final
