-- One row per thread of the community: who asked, who answered first, how soon.
with

posts as (
    select posts.*, {{ is_staff('posts.author_role') }} as is_staff, coalesce(posts.user_id, posts.customer_id, posts.post_id) as author
    from {{ ref('stg_community_posts') }} as posts
),

users as (select * from {{ ref('stg_users') }}),
customers as (select * from {{ ref('stg_customers') }}),
feeds as (select * from {{ ref('stg_feeds') }} where feed = 'community_posts'),
answers as (select * from {{ ref('int_community__answers') }}),

-- A thread begins with its first question, else with its first post.
openings as (
    select * from (
        select
            *,
            row_number() over (
                partition by thread_id order by case when is_question then 0 else 1 end, posted_at, post_id
            ) as position_in_thread
        from posts
    ) as ordered
    where position_in_thread = 1
),

answered as (
    select
        thread_id,
        cast(count(*) as bigint) as answers,
        cast(sum(case when is_staff then 0 else 1 end) as bigint) as peer_answers,
        cast(sum(case when is_staff then 1 else 0 end) as bigint) as staff_answers,
        min(posted_at) as first_answer_at,
        max(case when answer_number = 1 then case when is_staff then 'staff' else 'peer' end end) as first_answer_by,
        min(case when is_accepted then posted_at end) as accepted_at,
        min(case when is_accepted then case when is_staff then 'staff' else 'peer' end end) as accepted_by
    from answers
    group by thread_id
),

sizes as (
    select
        thread_id,
        cast(count(*) as bigint) as posts,
        cast(count(distinct author) as bigint) as participants,
        max(posted_at) as last_post_at,
        max(_loaded_at) as loaded_at
    from posts
    group by thread_id
),

final as (
    select
        openings.thread_id,
        coalesce(openings.customer_id, users.customer_id) as customer_id,
        openings.user_id,

        coalesce(answered.first_answer_by, 'none') as first_answer_by,
        answered.accepted_by,

        sizes.posts,
        sizes.participants,
        coalesce(answered.answers, 0) as answers,
        coalesce(answered.peer_answers, 0) as peer_answers,
        coalesce(answered.staff_answers, 0) as staff_answers,
        cast({{ epoch_seconds('answered.first_answer_at') }} - {{ epoch_seconds('openings.posted_at') }} as double) / 3600 as first_answer_hours,

        openings.is_question,
        openings.is_staff as is_opened_by_staff,
        answered.accepted_at is not null as is_accepted,
        -- Not yet known while the data do not reach far enough.
        case
            when not openings.is_question then null
            when {{ epoch_seconds('answered.first_answer_at') }} - {{ epoch_seconds('openings.posted_at') }}
                <= {{ setting('community_unanswered_hours') }} * 3600 then false
            when answered.first_answer_at is not null then true
            when {{ epoch_seconds('feeds.newest_event_at') }} - {{ epoch_seconds('openings.posted_at') }}
                > {{ setting('community_unanswered_hours') }} * 3600 then true
        end as is_unanswered_over_48h,

        openings.posted_at as opened_at,
        answered.first_answer_at,
        answered.accepted_at,
        sizes.last_post_at,
        sizes.loaded_at
    from openings
    inner join sizes on openings.thread_id = sizes.thread_id
    left join answered on openings.thread_id = answered.thread_id
    left join users on openings.user_id = users.user_id
    left join customers on coalesce(openings.customer_id, users.customer_id) = customers.customer_id
    cross join feeds
    where not coalesce(customers.is_test, false)
)

select * from final
