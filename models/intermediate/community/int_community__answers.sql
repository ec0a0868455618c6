-- One row per answer in the community: a later post of somebody else than the asker.
with

posts as (
    select
        *,
        {{ is_staff('author_role') }} as is_staff,
        coalesce(user_id, customer_id, post_id) as author
    from {{ ref('stg_community_posts') }}
),

-- A thread begins with its first question, else with its first post.
openings as (
    select * from (
        select
            *,
            row_number() over (partition by thread_id order by case when is_question then 0 else 1 end, posted_at, post_id) as position_in_thread
        from posts
    ) as ordered
    where position_in_thread = 1
),

-- What the source marks as an answer is one, and so is any reply to a question.
final as (
    select
        posts.post_id,
        posts.thread_id,
        openings.post_id as opening_post_id,
        posts.author,

        cast(row_number() over (partition by posts.thread_id order by posts.posted_at, posts.post_id) as bigint) as answer_number,

        posts.is_staff,
        posts.is_accepted,

        posts.posted_at
    from posts
    inner join openings on posts.thread_id = openings.thread_id
    where
        posts.post_id <> openings.post_id
        and posts.posted_at >= openings.posted_at
        and posts.author <> openings.author
        and (posts.is_answer or openings.is_question)
)

select * from final
