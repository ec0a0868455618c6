-- One row per as-of day, contact reason and customer: who asked of late although an article answers it, and had not read it.
{%- set day = as_of_date() %}
{%- set since = add_days(day, '-' ~ setting('push_window_days')) %}
with

contacts as (select * from {{ ref('fct_interaction') }} where {{ stood_as_contact() }} and customer_id is not null and occurred_at < {{ as_of_instant() }}),
self_service as (select * from {{ ref('int_support__self_service') }} where occurred_at < {{ as_of_instant() }}),
touches as (select * from {{ ref('fct_touch') }} where is_proactive and not is_missed and occurred_at < {{ as_of_instant() }}),
spared as (select action, reason from {{ ref('cfg_push') }}),
terms as (select * from {{ ref('fct_subscription_interval') }} where mrr_minor > 0),

articles as (
    select reason, cast(count(*) as bigint) as articles, min(article_id) as first_article_id
    from {{ ref('cfg_article') }}
    group by reason
),

-- Who reads it was found by it, who was told of it knows.
informed as (
    select customer_id, article_reason as reason from self_service where article_reason is not null and occurred_on > {{ since }}
    union
    select touches.customer_id, spared.reason
    from touches
    inner join spared on touches.action_id = spared.action
    where touches.occurred_date > {{ since }}
),

asked as (
    select
        contacts.reason,
        contacts.customer_id,
        cast(count(*) as bigint) as contacts,
        max(contacts.occurred_on) as last_contact_on
    from contacts
    where contacts.occurred_on > {{ since }}
    group by contacts.reason, contacts.customer_id
),

searched as (
    select customer_id, next_contact_reason as reason, cast(count(*) as bigint) as searches_without_result
    from self_service
    where is_without_result and is_followed_by_contact and next_contact_at < {{ as_of_instant() }} and occurred_on > {{ since }}
    group by customer_id, next_contact_reason
),

paying as (
    select distinct customer_id from terms where {{ stood_before(as_of_instant(), 'valid_from_at', 'valid_to_at') }}
),

final as (
    select
        {{ day }} as as_of_date,
        asked.reason,
        asked.customer_id,
        articles.first_article_id as article_id,

        asked.contacts,
        coalesce(searched.searches_without_result, 0) as searches_without_result,
        articles.articles,

        asked.last_contact_on
    from asked
    inner join articles on asked.reason = articles.reason
    inner join paying on asked.customer_id = paying.customer_id
    left join searched on asked.reason = searched.reason and asked.customer_id = searched.customer_id
    left join informed on asked.reason = informed.reason and asked.customer_id = informed.customer_id
    where informed.customer_id is null
)

select * from final
