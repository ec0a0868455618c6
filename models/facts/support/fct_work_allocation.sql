-- One row per slice of an agent's work and the customer it served; every minute once, what no customer can be found for as 'unallocated'.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='built_on',
    on_schema_change='fail',
    pre_hook="{{ forget_days('select touched_date from ' ~ ref('int_support__touched_work_days'), 'built_on') }}"
) }}
with

touched_days as (select * from {{ ref('int_support__touched_work_days') }}),
work as (select * from {{ ref('int_support__work_minutes') }} where built_on in (select touched_date from touched_days)),
slices as (select * from {{ ref('int_support__work_slices') }}),

shared as (
    select
        slices.*,
        work.agent_id,
        work.channel,
        work.reason,
        work.reported_seconds * slices.part / 60 as reported_minutes,
        work.allocated_seconds * slices.part / 60 as minutes,
        work.hourly_cost_reporting,
        work.contact_cost_reporting,
        work.is_imputed,
        work.is_provisional,
        work.worked_at,
        work.worked_on,
        work.built_on
    from work
    inner join slices on work.source_kind = slices.source_kind and work.source_id = slices.source_id
),

final as (
    select
        work_id,
        source_kind,
        source_id,
        customer_id,
        coalesce(customer_id, 'unallocated') as allocated_to,
        agent_id,

        channel,
        reason,
        demand_kind,
        case
            when customer_id is null then null
            when worked_on < onboarding_ends_on then 'onboarding'
            else 'steady'
        end as lifecycle,

        part,
        reported_minutes,
        minutes,
        minutes / nullif(reported_minutes, 0) * part as share,
        {{ work_cost('minutes', 'part', 'shared') }} as cost_minor,
        {{ setting('reporting_currency', 'string') }} as currency,

        is_imputed,
        is_provisional,

        worked_at,
        worked_on,
        built_on,
        onboarding_ends_on,
        {{ work_policy_version() }} as policy_version
    from shared
)

select * from final
