-- One row per post by the as-of day that is not ours: who wrote it, and on which day.
{{ config(materialized='ephemeral') }}
with

posts as (select *, {{ is_staff('author_role') }} as is_staff from {{ ref('stg_community_posts') }} where posted_at < {{ as_of_instant() }}),
users as (select * from {{ ref('stg_users') }}),
customers as (select * from {{ ref('stg_customers') }}),

final as (
    select
        coalesce(posts.user_id, posts.customer_id, posts.post_id) as author,
        coalesce(posts.customer_id, users.customer_id) as customer_id,
        {{ business_date('posts.posted_at') }} as posted_on
    from posts
    left join users on posts.user_id = users.user_id
    left join customers on coalesce(posts.customer_id, users.customer_id) = customers.customer_id
    where not posts.is_staff and not coalesce(customers.is_test, false)
)

select * from final
