-- One row per judgement of one person about one customer at one time.
with

landed as (select * from {{ newest(source('landing', 'judgements'), ['customer_id', 'kind', 'rater', 'rated_at']) }}),

final as (
    select
        customer_id,

        kind as judgement_kind,
        value as judgement_value,
        rater,
        evidence,

        {{ safe_cast('value', 'double') }} as rating,

        rated_at,
        expires_at,
        _loaded_at
    from landed
)

select * from final
