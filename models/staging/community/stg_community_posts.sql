-- One row per post in the users' community.
with

landed as (select * from {{ newest(source('landing', 'community_posts'), ['post_id']) }}),

final as (
    select
        post_id,
        thread_id,
        customer_id,
        user_id,

        coalesce(author_role, 'unknown') as author_role,
        body,

        coalesce(is_question, false) as is_question,
        coalesce(is_answer, false) as is_answer,
        coalesce(is_accepted, false) as is_accepted,

        posted_at,
        _loaded_at
    from landed
)

select * from final
