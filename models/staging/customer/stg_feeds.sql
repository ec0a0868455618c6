-- One row per feed: how many rows landed, of which days they tell, when they last came.
{{ config(materialized='table') }}

{#- The instant of a row's event; a feed without one tells no day. Shifts are plans, so they never make a day the newest. -#}
{%- set feeds = {
    'customers': 'signed_up_at', 'customer_aliases': 'valid_from', 'users': 'created_at',
    'subscriptions': 'coalesce(effective_at, started_at)', 'invoices': 'issued_at', 'refunds': 'refunded_at', 'fx_rates': none,
    'usage_events': 'occurred_at', 'tickets': 'created_at', 'ticket_events': 'occurred_at', 'calls': 'offered_at',
    'survey_responses': 'coalesce(responded_at, offered_at)', 'success_touches': 'occurred_at',
    'community_posts': 'posted_at', 'social_mentions': 'posted_at', 'self_service_events': 'occurred_at',
    'agents_shifts': none, 'leads': 'created_at', 'lead_events': 'occurred_at', 'feature_requests': 'created_at',
    'outcomes': 'contacted_at', 'judgements': 'rated_at',
} -%}

with

landed as (
    {% for feed, event_at in feeds.items() %}
    select
        '{{ feed }}' as feed,
        cast(count(*) as bigint) as landed_rows,
        cast(min({{ event_at or 'cast(null as timestamp)' }}) as timestamp) as first_event_at,
        cast(max({{ 'case when ' ~ event_at ~ ' <= _loaded_at then ' ~ event_at ~ ' end' if event_at else 'null' }}) as timestamp)
            as newest_event_at,
        cast(max(_loaded_at) as timestamp) as newest_loaded_at
    from {{ source('landing', feed) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

endings as (
    select cast(max(ended_at) as timestamp) as newest_ended_at
    from {{ source('landing', 'subscriptions') }}
    where ended_at <= _loaded_at
),

final as (
    select
        landed.feed,

        landed.landed_rows,

        landed.landed_rows > 0 as has_rows,

        landed.first_event_at,
        case
            when landed.feed = 'subscriptions' then greatest(landed.newest_event_at, endings.newest_ended_at)
            else landed.newest_event_at
        end as newest_event_at,
        landed.newest_loaded_at
    from landed
    cross join endings
)

select * from final
