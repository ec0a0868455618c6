-- One row per slice of an agent's work and the customer it served; every minute once, what no customer can be found for as 'unallocated'.
with

work as (select * from {{ ref('int_support__work_minutes') }}),
tickets as (select * from {{ ref('fct_ticket') }}),
calls as (select * from {{ ref('fct_call') }}),
touches as (select *, {{ session_key() }} as session_key from {{ ref('stg_success_touches') }}),
customers as (select * from {{ ref('stg_customers') }}),
rates as (select * from {{ ref('int_support__work_rates') }}),

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

served as (
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

slices as (
    select
        concat(work.source_kind, '|', served.slice_id) as work_id,
        work.source_kind,
        work.source_id,
        customers.customer_id,
        customers.signed_up_at,
        work.agent_id,
        work.channel,
        work.reason,
        served.demand_kind,
        cast(served.part as double) as part,
        work.reported_seconds * served.part / 60 as reported_minutes,
        work.allocated_seconds * served.part / 60 as minutes,
        work.is_imputed,
        work.is_provisional,
        work.worked_at,
        work.worked_on
    from work
    inner join served on work.source_kind = served.source_kind and work.source_id = served.source_id
    left join customers on served.customer_id = customers.customer_id
),

final as (
    select
        slices.work_id,
        slices.source_kind,
        slices.source_id,
        slices.customer_id,
        coalesce(slices.customer_id, 'unallocated') as allocated_to,
        slices.agent_id,

        slices.channel,
        slices.reason,
        slices.demand_kind,
        case
            when slices.customer_id is null then null
            when slices.worked_on < {{ add_days(business_date('slices.signed_up_at'), setting('onboarding_days')) }} then 'onboarding'
            else 'steady'
        end as lifecycle,

        slices.reported_minutes,
        slices.minutes,
        slices.minutes / nullif(slices.reported_minutes, 0) * slices.part as share,
        cast(round(slices.minutes / 60 * rates.hourly_cost_reporting + slices.part * rates.contact_cost_reporting) as bigint) as cost_minor,
        {{ setting('reporting_currency', 'string') }} as currency,

        slices.is_imputed,
        slices.is_provisional,

        slices.worked_at,
        slices.worked_on
    from slices
    left join rates
        on slices.source_kind = rates.source_kind
        and slices.source_id = rates.source_id
)

select * from final
