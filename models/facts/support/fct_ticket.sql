-- One row per ticket, test customers left out; merged duplicates and spam stay visible and are not counted (is_counted).
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='created_on',
    on_schema_change='fail',
    pre_hook="{{ forget_days('select touched_date from ' ~ ref('int_support__touched_days'), 'created_on') }}"
) }}
with

tickets as (select * from {{ ref('int_support__tickets') }}),
milestones as (select * from {{ ref('int_support__ticket_milestones') }}),
clock as (select * from {{ ref('int_support__ticket_clock') }}),
origins as (select * from {{ ref('cfg_ticket_origin') }}),
calls as (select * from {{ ref('int_support__ticket_calls') }}),
targets as (select * from {{ ref('int_support__sla_targets') }}),
csat as (select * from {{ ref('int_support__ticket_csat') }}),
policies as (select {{ ticket_policy_version() }} as policy_version),

final as (
    select
        tickets.ticket_id,
        tickets.customer_id,
        tickets.agent_id,
        milestones.merged_into_id,
        tickets.schedule_id,

        tickets.channel,
        tickets.origin,
        tickets.reason,
        tickets.fault,
        case
            when tickets.fault = 'ours' then 'vendor_fault'
            when origins.demand_kind is not null then origins.demand_kind
            when milestones.is_agent_created and not coalesce(calls.has_inbound_call, false) then 'proactive'
            else 'customer'
        end as demand_kind,
        tickets.priority,
        tickets.status,
        tickets.group_name,

        milestones.reopens,
        milestones.transfers,
        milestones.touches,
        milestones.replies,
        tickets.handle_seconds,
        coalesce(calls.call_seconds, 0) as call_seconds,

        {% for name, column in [
            ('first_reply', 'first_reply'), ('first_resolution', 'first_resolved'), ('full_resolution', 'resolved'),
            ('requester_wait', 'requester_wait'), ('agent_wait', 'agent_wait'), ('agent_work', 'agent_work'),
            ('first_wait', 'first_wait'),
        ] %}
        cast(clock.{{ column }}_seconds as double) / 60 as {{ name }}_minutes,
        cast(clock.{{ column }}_business_seconds as double) / 60 as {{ name }}_business_minutes,
        {% endfor %}

        csat.csat_score,

        not milestones.is_merged and not tickets.is_spam as is_counted,
        milestones.is_merged,
        tickets.is_spam,
        tickets.is_live,
        milestones.is_agent_created,
        coalesce(tickets.origin not in ('sales', 'internal', 'system', 'monitoring'), true) and not milestones.is_agent_created
        or coalesce(calls.has_inbound_call, false) as is_inbound,
        case
            when milestones.resolved_at is null or milestones.replies is null then null
            else milestones.replies <= 1 and coalesce(milestones.reopens, 0) = 0
        end as is_one_touch,
        -- A ticket that was settled without a reply is measured by when it was settled.
        case
            when not tickets.is_spam then
                cast(coalesce(clock.first_reply_business_seconds, clock.first_resolved_business_seconds) as double) / 60
                <= targets.first_reply_minutes
        end as is_sla_met,
        case
            when milestones.is_merged or tickets.is_spam then null
            else cast(coalesce(clock.first_wait_business_seconds, clock.first_resolved_business_seconds) as double) / 60
                >= targets.long_wait_minutes
        end as is_long_wait,

        tickets.created_at,
        {{ business_date('tickets.created_at') }} as created_on,
        milestones.first_reply_at,
        milestones.first_resolved_at,
        milestones.resolved_at,
        milestones.first_reopened_at,
        milestones.first_transferred_at,
        milestones.merged_at,
        csat.csat_responded_at,
        tickets.updated_at,
        policies.policy_version
    from tickets
    cross join policies
    -- Milestones hold the tickets of the days that this run builds.
    inner join milestones on tickets.ticket_id = milestones.ticket_id
    left join clock on tickets.ticket_id = clock.ticket_id
    left join origins on tickets.origin = origins.origin
    left join calls on tickets.ticket_id = calls.ticket_id
    left join csat on tickets.ticket_id = csat.ticket_id
    left join targets
        on coalesce(tickets.origin, 'customer') = targets.origin
        and tickets.channel = targets.channel
        and tickets.priority = targets.priority
)

select * from final
