-- One row per as-of day and search words that found nothing: how often, by how many, and what they then asked.
{%- set day = as_of_date() %}
with

self_service as (
    select * from {{ ref('int_support__self_service') }}
    where
        event_kind = 'search' and occurred_at < {{ as_of_instant() }}
        and occurred_on > {{ add_days(day, '-7 * ' ~ setting('contact_reason_weeks')) }}
),
events as (select event_id, lower(trim(query)) as query from {{ ref('stg_self_service_events') }}),
articles as (select distinct reason from {{ ref('cfg_article') }}),

searches as (
    select
        events.query,
        self_service.customer_id,
        self_service.is_without_result,
        case
            when self_service.is_followed_by_contact and self_service.next_contact_at < {{ as_of_instant() }}
                then self_service.next_contact_reason
        end as next_reason
    from self_service
    inner join events on self_service.event_id = events.event_id
    where events.query <> ''
),

counted as (
    select
        query,
        cast(count(*) as bigint) as searches,
        cast(count(case when is_without_result then 1 end) as bigint) as searches_without_result,
        cast(count(distinct case when is_without_result then customer_id end) as bigint) as customers,
        cast(count(case when is_without_result and next_reason is not null then 1 end) as bigint) as then_asked
    from searches
    group by query
),

next_reasons as (
    select
        query,
        next_reason,
        row_number() over (partition by query order by count(*) desc, next_reason) as place
    from searches
    where is_without_result and next_reason is not null
    group by query, next_reason
),

final as (
    select
        {{ day }} as as_of_date,
        counted.query,
        next_reasons.next_reason,

        counted.searches,
        counted.searches_without_result,
        {{ rate('counted.searches_without_result', 'counted.searches') }} as without_result_rate,
        counted.customers,
        counted.then_asked,

        articles.reason is not null as article_exists
    from counted
    left join next_reasons on counted.query = next_reasons.query and next_reasons.place = 1
    left join articles on next_reasons.next_reason = articles.reason
    -- What only a few look for may tell who they are.
    where counted.customers >= {{ setting('minimum_group_size') }}
)

select * from final
