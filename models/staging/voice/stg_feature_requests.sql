-- One row per request for a change of the product.
with

landed as (select * from {{ newest(source('landing', 'feature_requests'), ['request_id']) }}),

final as (
    select
        request_id,
        customer_id,
        ticket_id,
        roadmap_id,

        title,
        body,
        goal,
        coalesce(fit_judgement, 'pending') as fit_judgement,
        judged_by,

        created_at,
        judged_at,
        shipped_at,
        _loaded_at
    from landed
)

select * from final
