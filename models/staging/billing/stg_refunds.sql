-- One row per refund or chargeback, in its newest version.
with

landed as (select * from {{ newest(source('landing', 'refunds'), ['refund_id']) }}),

final as (
    select
        refund_id,
        invoice_id,
        customer_id,

        lower(reason) as reason,
        upper(currency) as currency,

        amount_minor,

        refunded_at,
        _loaded_at
    from landed
)

select * from final
