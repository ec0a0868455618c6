-- One row per customer, or contact of nobody known, whose timeline this run builds.
{%- set built = standing('fct_interaction') %}
{%- set policy_version = conversation_policy_version() %}
{%- set attributes = [
    'interaction_id', 'root_interaction_id', 'person_id', 'customer_id', 'agent_id', 'channel', 'direction', 'demand_kind',
    'wait_seconds', 'work_seconds', 'is_contact', 'occurred_at', 'merged_at',
] | join(', ') %}
with

contacts as (select * from {{ ref('int_support__contacts') }}),

{% if built -%}
-- Compared as they stand: whatever made a difference, it tells whose conversations may have changed.
arrived as (
    select {{ attributes }}, coalesce(reason, 'unclassified') as reason from contacts
    except
    select {{ attributes }}, reason from {{ built }}
),

gone as (
    select {{ attributes }}, reason from {{ built }}
    except
    select {{ attributes }}, coalesce(reason, 'unclassified') as reason from contacts
),

final as (
    select person_id from arrived
    union
    select person_id from gone
    union
    select person_id from {{ built }} where policy_version <> {{ policy_version }}
)
{%- else -%}
final as (select distinct person_id from contacts)
{%- endif %}

select person_id from final
