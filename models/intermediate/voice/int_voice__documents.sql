-- One row per text in which a customer, or somebody in public, speaks.
with

tickets as (select * from {{ ref('stg_tickets') }}),
surveys as (select * from {{ ref('stg_survey_responses') }}),
posts as (select * from {{ ref('stg_community_posts') }}),
mentions as (select * from {{ ref('stg_social_mentions') }}),
requests as (select * from {{ ref('stg_feature_requests') }}),
users as (select * from {{ ref('stg_users') }}),
customers as (select * from {{ ref('stg_customers') }}),

spoken as (
    select
        'support' as source,
        concat('support:', ticket_id) as document_id,
        ticket_id as source_id,
        ticket_id,
        customer_id,
        requester_user_id as user_id,
        category,
        concat_ws(chr(10), subject, body) as document_text,
        created_at as occurred_at,
        _loaded_at
    from tickets
    where merged_into_id is null

    union all

    select
        case when survey_kind = 'cancellation' then 'cancellation' else 'survey' end as source,
        concat('survey:', response_id) as document_id,
        response_id as source_id,
        ticket_id,
        customer_id,
        user_id,
        reason_code as category,
        comment as document_text,
        coalesce(responded_at, offered_at) as occurred_at,
        _loaded_at
    from surveys

    union all

    -- What our own people write in the community is no voice of a customer.
    select
        'community' as source,
        concat('community:', post_id) as document_id,
        post_id as source_id,
        cast(null as string) as ticket_id,
        customer_id,
        user_id,
        cast(null as string) as category,
        body as document_text,
        posted_at as occurred_at,
        _loaded_at
    from posts
    where not {{ is_staff('author_role') }}

    union all

    select
        'social' as source,
        concat('social:', mention_id) as document_id,
        mention_id as source_id,
        cast(null as string) as ticket_id,
        customer_id,
        cast(null as string) as user_id,
        cast(null as string) as category,
        body as document_text,
        posted_at as occurred_at,
        _loaded_at
    from mentions

    union all

    select
        'success' as source,
        concat('success:', request_id) as document_id,
        request_id as source_id,
        ticket_id,
        customer_id,
        cast(null as string) as user_id,
        'feature_request' as category,
        concat_ws(chr(10), title, body, goal) as document_text,
        created_at as occurred_at,
        _loaded_at
    from requests
),

final as (
    select
        spoken.document_id,
        spoken.source_id,
        spoken.ticket_id,
        coalesce(spoken.customer_id, users.customer_id) as customer_id,
        spoken.user_id,

        spoken.source,
        spoken.category,
        trim(spoken.document_text) as text,
        {{ text_hash('trim(spoken.document_text)') }} as text_hash,

        spoken.occurred_at,
        spoken._loaded_at as loaded_at
    from spoken
    left join users on spoken.user_id = users.user_id
    left join customers on coalesce(spoken.customer_id, users.customer_id) = customers.customer_id
    where
        trim(spoken.document_text) != ''
        and spoken.occurred_at is not null
        and not coalesce(customers.is_test, false)
)

select * from final
