-- One row per search, article or bot session of the help centre: who it was, and which contact came next.
with

events as (select * from {{ ref('stg_self_service_events') }}),
users as (select * from {{ ref('stg_users') }}),
customers as (select * from {{ ref('stg_customers') }}),
articles as (select * from {{ ref('cfg_article') }}),
contacts as (select * from {{ ref('fct_interaction') }} where is_contact and customer_id is not null),

sessions as (
    select
        events.*,
        coalesce(direct.customer_id, by_user.customer_id) as known_customer_id
    from events
    left join customers as direct on events.customer_id = direct.customer_id
    left join users on events.user_id = users.user_id
    left join customers as by_user on users.customer_id = by_user.customer_id
    where not coalesce(direct.is_test, by_user.is_test, false)
),

-- Searches and contacts of a customer on one line, each search looking for the contact after it.
line as (
    select
        known_customer_id as customer_id,
        event_id as id,
        occurred_at,
        cast(null as timestamp) as contact_at,
        cast(null as string) as contact_reason
    from sessions
    where known_customer_id is not null
    union all
    select customer_id, interaction_id as id, occurred_at, occurred_at as contact_at, reason as contact_reason
    from contacts
),

looked_ahead as (
    select
        id,
        contact_at,
        first_value(contact_at ignore nulls) over later as next_contact_at,
        first_value(contact_reason ignore nulls) over later as next_contact_reason
    from line
    window
        later as (
            partition by customer_id order by occurred_at, contact_at nulls first, id rows between 1 following and unbounded following
        )
),

final as (
    select
        sessions.event_id,
        sessions.known_customer_id as customer_id,
        sessions.article_id,

        sessions.event_kind,
        articles.reason as article_reason,
        looked_ahead.next_contact_reason,

        sessions.results,

        sessions.is_resolved,
        sessions.is_handed_off,
        coalesce(sessions.event_kind = 'search' and sessions.results = 0, false) as is_without_result,
        case
            when sessions.known_customer_id is not null then coalesce(
                {{ epoch_seconds('looked_ahead.next_contact_at') }} - {{ epoch_seconds('sessions.occurred_at') }}
                <= {{ setting('search_to_contact_hours') }} * 3600,
                false
            )
        end as is_followed_by_contact,

        sessions.occurred_at,
        {{ business_date('sessions.occurred_at') }} as occurred_on,
        looked_ahead.next_contact_at
    from sessions
    left join articles on sessions.article_id = articles.article_id
    left join looked_ahead on sessions.event_id = looked_ahead.id and looked_ahead.contact_at is null
)

select * from final
