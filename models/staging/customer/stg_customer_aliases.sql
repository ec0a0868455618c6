-- One row per account in a source, customer and day from which the account is that customer.
with

landed as (
    select * from {{ newest(source('landing', 'customer_aliases'), ['source', 'source_account_id', 'customer_id', 'valid_from']) }}
),

final as (
    select
        source as source_name,
        source_account_id,
        customer_id,

        lower(match_method) as match_method,

        confidence,

        valid_from as valid_from_at,
        valid_to as valid_to_at,
        _loaded_at
    from landed
)

select * from final
