-- One row per thing that a user did in the product, for the customer that the event or its user names.
with

landed as (
    select * from {{ newest_events(
        source('landing', 'usage_events'), 'event_id', 'occurred_at',
        ['event_id', 'customer_id', 'user_id', 'event_name', 'properties', 'quantity', 'duration_seconds', 'is_error',
         'occurred_at', 'received_at', '_loaded_at']
    ) }}
),

users as (select * from {{ ref('stg_users') }}),

final as (
    select
        landed.event_id,
        coalesce(landed.customer_id, users.customer_id) as customer_id,
        landed.user_id,

        landed.event_name,
        landed.properties,

        landed.quantity,
        landed.duration_seconds,

        landed.is_error,
        landed.customer_id is not null as is_customer_stated,

        landed.occurred_at,
        landed.received_at,
        landed._loaded_at
    from landed
    left join users on landed.user_id = users.user_id
)

select * from final
