-- One row per mention of the product in a public network.
with

landed as (select * from {{ newest(source('landing', 'social_mentions'), ['mention_id']) }}),

final as (
    select
        mention_id,
        customer_id,

        coalesce(network, 'unknown') as network,
        body,

        posted_at,
        replied_publicly_at,
        resolved_at,
        _loaded_at
    from landed
)

select * from final
