-- One row per customer by the as-of day: when it was last in touch with us, whether it pays, and whether it has gone quiet.
{{ config(materialized='ephemeral') }}
{%- set day = as_of_date() %}
with

customers as (
    select customer_id, {{ business_date('signed_up_at') }} as signed_up_on
    from {{ ref('stg_customers') }}
    where not is_test and signed_up_at < {{ as_of_instant() }}
),

satisfaction as (select * from {{ ref('mart_customer_satisfaction') }} where as_of_date = {{ day }}),
contacts as (select * from {{ ref('fct_interaction') }} where {{ stood_as_contact() }} and occurred_at < {{ as_of_instant() }}),
touches as (select * from {{ ref('fct_touch') }} where not is_missed and occurred_at < {{ as_of_instant() }}),
posts as (select * from {{ ref('stg_community_posts') }} where posted_at < {{ as_of_instant() }}),
terms as (select * from {{ ref('fct_subscription_interval') }}),
users as (select * from {{ ref('stg_users') }}),
feeds as (select * from {{ ref('stg_feeds') }} where has_rows and first_event_at < {{ as_of_instant() }}),

known as (
    select
        min(case when feed in ('tickets', 'calls') then {{ business_date('first_event_at') }} end) as support_from,
        max(case when feed = 'community_posts' then 1 else 0 end) = 1 as has_community
    from feeds
),

contacted as (select customer_id, max(occurred_on) as last_contact_on from contacts group by customer_id),

touched as (select customer_id, max(occurred_date) as last_touch_on from touches group by customer_id),

posted as (
    select
        coalesce(posts.customer_id, users.customer_id) as customer_id,
        max({{ business_date('posts.posted_at') }}) as last_post_on
    from posts
    left join users on posts.user_id = users.user_id
    where not {{ is_staff('posts.author_role') }}
    group by 1
),

paying as (
    select distinct customer_id
    from terms
    where mrr_minor > 0 and {{ stood_before(as_of_instant(), 'valid_from_at', 'valid_to_at') }}
),

-- Quiet for N days can only be said of who was there, and heard, for N days.
final as (
    select
        customers.customer_id,
        contacted.last_contact_on,
        touched.last_touch_on,
        posted.last_post_on,
        known.has_community,
        paying.customer_id is not null as is_paying,
        case
            when known.support_from is null or known.support_from > {{ add_days(day, '-' ~ setting('silent_days')) }} then null
            else {{ days_between('customers.signed_up_on', day) }} >= {{ setting('silent_days') }}
                and coalesce({{ days_between('contacted.last_contact_on', day) }} >= {{ setting('silent_days') }}, true)
                and coalesce(satisfaction.days_since_survey >= {{ setting('silent_days') }}, true)
        end as is_quiet
    from customers
    cross join known
    left join satisfaction using (customer_id)
    left join contacted using (customer_id)
    left join touched using (customer_id)
    left join posted using (customer_id)
    left join paying using (customer_id)
)

select * from final
