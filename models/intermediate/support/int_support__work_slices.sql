-- One row per activity of an agent and customer that it served: which part of it, and for what.
with

tickets as (select * from {{ ref('fct_ticket') }}),
calls as (select * from {{ ref('fct_call') }}),
touches as (select *, {{ session_key() }} as session_key from {{ ref('stg_success_touches') }}),
customers as (select * from {{ ref('stg_customers') }}),

attendances as (
    select
        touches.touch_id,
        touches.customer_id,
        coalesce(touches.is_proactive, true) as is_proactive,
        coalesce(customers.is_test, false) as is_test,
        touches.session_key,
        case when touches.is_group then touches.attendees end as attendees
    from touches
    left join customers on touches.customer_id = customers.customer_id
),

-- A group session is divided by those who attended; places of people who are no customers stay unallocated.
sessions as (
    select
        session_key,
        max(case when is_proactive then 1 else 0 end) = 1 as is_proactive,
        greatest(max(coalesce(attendees, 1)), count(*)) as places,
        count(case when not is_test then 1 end) as customers
    from attendances
    group by session_key
),

slices as (
    select 'ticket' as source_kind, ticket_id as source_id, ticket_id as slice_id, customer_id, demand_kind, 1.0 as part from tickets
    union all
    select
        'call' as source_kind,
        calls.call_id as source_id,
        calls.call_id as slice_id,
        calls.customer_id,
        coalesce(tickets.demand_kind, case when calls.is_inbound then 'customer' else 'proactive' end) as demand_kind,
        1.0 as part
    from calls
    left join tickets on calls.ticket_id = tickets.ticket_id
    union all
    select
        'touch' as source_kind,
        attendances.session_key as source_id,
        attendances.touch_id as slice_id,
        attendances.customer_id,
        case when attendances.is_proactive then 'proactive' else 'customer' end as demand_kind,
        1.0 / sessions.places as part
    from attendances
    inner join sessions on attendances.session_key = sessions.session_key
    where not attendances.is_test
    union all
    select
        'touch' as source_kind,
        session_key as source_id,
        concat(session_key, '|rest') as slice_id,
        null as customer_id,
        case when is_proactive then 'proactive' else 'customer' end as demand_kind,
        1.0 - cast(customers as double) / places as part
    from sessions
    where places > customers
),

final as (
    select
        concat(slices.source_kind, '|', slices.slice_id) as work_id,
        slices.source_kind,
        slices.source_id,
        customers.customer_id,

        slices.demand_kind,

        cast(slices.part as double) as part,

        {{ add_days(business_date('customers.signed_up_at'), setting('onboarding_days')) }} as onboarding_ends_on
    from slices
    left join customers on slices.customer_id = customers.customer_id
)

select * from final
