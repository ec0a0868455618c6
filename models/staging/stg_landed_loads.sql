-- One row per landed table and load that was there when the run began.
{{ config(materialized='table') }}

{%- set tables = ['customers', 'customer_aliases', 'users', 'subscriptions', 'invoices', 'refunds', 'usage_events', 'tickets',
    'ticket_events', 'calls', 'survey_responses', 'success_touches', 'community_posts', 'social_mentions',
    'self_service_events', 'agents_shifts', 'leads', 'lead_events', 'feature_requests', 'outcomes', 'judgements', 'fx_rates'] %}

with

landed as (
    {% for table in tables %}
    select '{{ table }}' as table_name, _load_id, _loaded_at from {{ source('landing', table) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (
    select
        table_name,
        _load_id,

        cast(count(*) as bigint) as landed_rows,

        min(_loaded_at) as loaded_at
    from landed
    group by table_name, _load_id
)

select * from final
