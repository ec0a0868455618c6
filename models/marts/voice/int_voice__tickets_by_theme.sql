-- One row per group (leavers before they decided, current customers of late) and theme: how their tickets on it went.
{{ config(materialized='ephemeral') }}
{%- set day = as_of_date() %}
{%- set window = setting('voice_window_days') %}
with

tickets as (select * from {{ ref('fct_ticket') }} where is_counted and created_at < {{ as_of_instant() }}),
surveys as (select * from {{ ref('fct_survey_response') }} where survey_kind = 'csat' and answered_at < {{ as_of_instant() }}),
leavers as (select * from {{ ref('int_voice__leavers') }}),
staying as (select * from {{ ref('int_voice__staying') }}),

final as (
    select
        placed.source_group,
        reasons.theme,
        count(distinct tickets.ticket_id) as tickets,
        count(distinct case when tickets.first_reopened_at < {{ as_of_instant() }} then tickets.ticket_id end) as reopened,
        count(distinct case when tickets.is_long_wait and tickets.first_resolved_at < {{ as_of_instant() }} then tickets.ticket_id end) as long_waits,
        count(distinct case when surveys.is_good then surveys.response_id end) as csat_good,
        count(distinct case when surveys.is_good or surveys.is_bad then surveys.response_id end) as csat_judged
    from (
        select 'churned_before' as source_group, customer_id, {{ add_days('decided_on', '-' ~ window) }} as from_on, decided_on as to_on from leavers
        union all
        select 'current' as source_group, customer_id, {{ add_days(day, '1 - ' ~ window) }} as from_on, {{ add_days(day, 1) }} as to_on from staying
    ) as placed
    inner join tickets
        on placed.customer_id = tickets.customer_id and tickets.created_on >= placed.from_on and tickets.created_on < placed.to_on
    inner join {{ ref('cfg_voc_taxonomy') }} as reasons
        on tickets.reason = reasons.reason
        and reasons.kind = 'contact_reason'
        and reasons.theme is not null
        and reasons.reason <> {{ setting('cancellation_contact_reason', 'string') }}
    left join surveys on tickets.ticket_id = surveys.ticket_id
    group by 1, 2
)

select * from final
