-- One row per feed and pair of customer and user that its rows name: how many rows do.
{{ config(materialized='table') }}

{%- set user_columns = {
    'usage_events': 'user_id', 'tickets': 'requester_user_id', 'survey_responses': 'user_id', 'community_posts': 'user_id',
    'self_service_events': 'user_id',
} -%}
{%- set feeds = [
    'subscriptions', 'invoices', 'refunds', 'usage_events', 'tickets', 'calls', 'survey_responses', 'success_touches',
    'community_posts', 'social_mentions', 'self_service_events', 'feature_requests', 'judgements',
] -%}

with

{% for feed in feeds %}
{{ feed }} as (
    select
        '{{ feed }}' as feed,
        customer_id,
        {{ user_columns.get(feed, 'cast(null as string)') }} as user_id,
        _source as source_name,
        cast(count(*) as bigint) as landed_rows
    from {{ source('landing', feed) }}
    where _deleted_at is null
    group by 1, 2, 3, 4
),

{% endfor %}
final as (
    {% for feed in feeds %}
    select * from {{ feed }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
