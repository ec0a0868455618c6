-- One row per business day of which this run builds the tickets that were created on it.
{%- set built = standing('fct_ticket') %}
{#- What is named only in a branch is not seen when dbt draws its graph. -#}
{%- set loads, policy_version = ref('stg_landed_loads'), ticket_policy_version() %}
{#- What follows from a ticket's own row and its customer: a difference to what stands tells the day, whatever made it. -#}
{%- set attributes = [
    'ticket_id', 'customer_id', 'agent_id', 'schedule_id', 'channel', 'origin', 'reason', 'fault', 'priority', 'status', 'group_name',
    'handle_seconds', 'is_live', 'is_spam', 'created_at', 'updated_at',
] | join(', ') %}
with

tickets as (select * from {{ ref('int_support__tickets') }}),

{% if built -%}
landed as ({{ touched_days(source('landing', 'tickets'), 'ticket_id', 'created_at') }}),

{% for feed, key in [('ticket_events', 'event_id'), ('calls', 'call_id'), ('survey_responses', 'response_id')] -%}
of_{{ feed }} as (
    select distinct {{ business_date('tickets.created_at') }} as touched_date
    from tickets
    where tickets.ticket_id in (
        select versions.ticket_id from {{ source('landing', feed) }} as versions
        where versions.{{ key }} in (
            select changed.{{ key }} from {{ source('landing', feed) }} as changed
            where {{ is_unbuilt(source('landing', feed), 'changed') }}
        )
    )
),

{% endfor -%}
differing as (
    select created_at from (select {{ attributes }} from tickets except select {{ attributes }} from {{ built }}) as arrived
    union all
    select created_at from (select {{ attributes }} from {{ built }} except select {{ attributes }} from tickets) as gone
    union all
    select created_at from {{ built }} where policy_version <> {{ policy_version }}
),

{% endif -%}
final as (
    {% if built -%}
    select touched_date from landed
    union
    {% for feed in ['ticket_events', 'calls', 'survey_responses'] -%}
    select touched_date from of_{{ feed }}
    union
    {% endfor -%}
    select {{ business_date('created_at') }} as touched_date from differing
    {%- else -%}
    select distinct {{ business_date('created_at') }} as touched_date from tickets
    {%- endif %}
)

select touched_date from final
