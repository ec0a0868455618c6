-- One row per as-of day and source of voice: of how many paying customers we heard anything, and who left of those who were silent.
{%- set day = as_of_date() %}
{%- set span = setting('silent_days') %}
{%- set then = add_days(day, '-' ~ span) %}
with

contacts as (select * from {{ ref('fct_interaction') }} where is_contact and occurred_at < {{ as_of_instant() }}),
surveys as (select * from {{ ref('fct_survey_response') }} where answered_at < {{ as_of_instant() }}),
posts as (select * from {{ ref('stg_community_posts') }} where posted_at < {{ as_of_instant() }} and not {{ is_staff('author_role') }}),
requests as (select * from {{ ref('stg_feature_requests') }} where created_at < {{ as_of_instant() }}),
terms as (select * from {{ ref('fct_subscription_interval') }} where mrr_minor > 0),
users as (select * from {{ ref('stg_users') }}),
feeds as (select * from {{ ref('stg_feeds') }} where has_rows and first_event_at < {{ as_of_instant() }}),

heard as (
    select case when source_kind = 'social' then 'social' else 'support' end as source, customer_id, occurred_on as heard_on from contacts
    union all
    select 'survey' as source, customer_id, {{ business_date('answered_at') }} as heard_on from surveys
    union all
    select 'community' as source, coalesce(posts.customer_id, users.customer_id) as customer_id, {{ business_date('posts.posted_at') }} as heard_on
    from posts
    left join users on posts.user_id = users.user_id
    union all
    select 'success' as source, customer_id, {{ business_date('created_at') }} as heard_on from requests
),

-- A source counts from its first row on; without its feed nothing can be said of it.
sources as (
    select
        case
            when feed in ('tickets', 'calls') then 'support'
            when feed = 'survey_responses' then 'survey'
            when feed = 'community_posts' then 'community'
            when feed = 'social_mentions' then 'social'
            when feed = 'feature_requests' then 'success'
        end as source,
        min({{ business_date('first_event_at') }}) as known_from
    from feeds
    where feed in ('tickets', 'calls', 'survey_responses', 'community_posts', 'social_mentions', 'feature_requests')
    group by 1
    union all
    select 'any' as source, min({{ business_date('first_event_at') }}) as known_from
    from feeds
    where feed in ('tickets', 'calls')
),

paying as (
    select
        customer_id,
        max(case when {{ stood_before(as_of_instant(), 'valid_from_at', 'valid_to_at') }} then 1 else 0 end) = 1 as pays_now,
        max(case
            when {{ stood_before(from_zone('cast(' ~ add_days(then, 1) ~ ' as timestamp)', setting('business_time_zone', 'string')), 'valid_from_at', 'valid_to_at') }}
                then 1
            else 0
        end) = 1 as paid_then
    from terms
    group by customer_id
),

told as (
    select
        sources.source,
        heard.customer_id,
        max(case when heard.heard_on > {{ then }} then 1 else 0 end) = 1 as is_heard_now,
        max(case when heard.heard_on > {{ add_days(day, '-2 * ' ~ span) }} and heard.heard_on <= {{ then }} then 1 else 0 end) = 1 as was_heard_then
    from sources
    inner join heard on sources.source in (heard.source, 'any')
    where heard.customer_id is not null
    group by 1, 2
),

counted as (
    select
        sources.source,
        sources.known_from,
        cast(sum(case when paying.pays_now then 1 else 0 end) as bigint) as paying_customers,
        cast(sum(case when paying.pays_now and told.is_heard_now then 1 else 0 end) as bigint) as heard_customers,
        cast(sum(case when paying.paid_then and told.was_heard_then then 1 else 0 end) as bigint) as heard_then,
        cast(sum(case when paying.paid_then and told.was_heard_then and not paying.pays_now then 1 else 0 end) as bigint) as heard_then_lost,
        cast(sum(case when paying.paid_then and not coalesce(told.was_heard_then, false) then 1 else 0 end) as bigint) as silent_then,
        cast(sum(case when paying.paid_then and not coalesce(told.was_heard_then, false) and not paying.pays_now then 1 else 0 end) as bigint) as silent_then_lost
    from sources
    cross join paying
    left join told on sources.source = told.source and paying.customer_id = told.customer_id
    where sources.source is not null and sources.known_from is not null
    group by 1, 2
),

final as (
    select
        {{ day }} as as_of_date,
        source,

        paying_customers,
        heard_customers,
        {{ rate('heard_customers', 'paying_customers') }} as voc_coverage,
        {% for column in ['heard_then', 'heard_then_lost', 'silent_then', 'silent_then_lost'] -%}
        case when known_from <= {{ add_days(day, '-2 * ' ~ span) }} then {{ column }} end as {{ column }},
        {% endfor -%}
        case when known_from <= {{ add_days(day, '-2 * ' ~ span) }} then {{ published_rate('heard_then_lost', 'heard_then') }} end as heard_churn_rate,
        case when known_from <= {{ add_days(day, '-2 * ' ~ span) }} then {{ published_rate('silent_then_lost', 'silent_then') }} end as silent_churn_rate
    from counted
)

select * from final
