-- One row per customer with work or contacts in the twelve months up to the as-of day: hours by what caused them, cost, contacts.
{{ config(materialized='ephemeral') }}
{%- set first_day = months_before_as_of(12) %}
with

work as (
    select * from {{ ref('fct_work_allocation') }}
    where worked_at < {{ as_of_instant() }} and worked_on >= {{ first_day }} and not is_provisional
),
contacts as (
    select * from {{ ref('fct_interaction') }}
    where occurred_at < {{ as_of_instant() }} and {{ stood_as_contact() }}
),

worked as (
    select
        customer_id,
        {{ exact_sum("case when demand_kind = 'customer' then minutes else 0 end") }} / 60 as demand_hours,
        {{ exact_sum("case when demand_kind = 'vendor_fault' then minutes else 0 end") }} / 60 as vendor_fault_hours,
        {{ exact_sum("case when demand_kind = 'proactive' then minutes else 0 end") }} / 60 as proactive_hours,
        {{ exact_sum("case when demand_kind = 'proactive' and lifecycle = 'steady' then minutes else 0 end") }} / 60 as growth_cost_hours,
        {{ exact_sum("case when lifecycle = 'onboarding' then minutes else 0 end") }} / 60 as onboarding_hours,
        {{ exact_sum("case when lifecycle = 'steady' then minutes else 0 end") }} / 60 as steady_hours,
        {{ exact_sum("case when is_imputed then minutes else 0 end") }} / nullif({{ exact_sum('minutes') }}, 0) as imputed_share,
        cast(sum(cost_minor) as bigint) as cost_minor
    from work
    where customer_id is not null
    group by customer_id
),

contacted as (
    select
        customer_id,
        cast(count(case when occurred_on >= {{ first_day }} then 1 end) as bigint) as contacts,
        max(occurred_on) as last_contact_on
    from contacts
    where customer_id is not null
    group by customer_id
),

final as (
    select
        coalesce(worked.customer_id, contacted.customer_id) as customer_id,

        worked.demand_hours,
        worked.vendor_fault_hours,
        worked.proactive_hours,
        worked.growth_cost_hours,
        worked.onboarding_hours,
        worked.steady_hours,
        worked.imputed_share,
        worked.cost_minor,
        contacted.contacts,

        worked.customer_id is not null as has_work,

        contacted.last_contact_on
    from worked
    full outer join contacted on worked.customer_id = contacted.customer_id
)

select * from final
