-- One row per invoice, in its newest version.
with

landed as (select * from {{ newest(source('landing', 'invoices'), ['invoice_id']) }}),

final as (
    select
        invoice_id,
        customer_id,
        subscription_id,

        lower(coalesce(kind, 'subscription')) as invoice_kind,
        lower(status) as status,
        upper(currency) as currency,

        amount_minor,
        coalesce(tax_minor, 0) as tax_minor,
        coalesce(fee_minor, 0) as fee_minor,

        period_start as period_start_at,
        period_end as period_end_at,
        issued_at,
        due_at,
        paid_at,
        _loaded_at
    from landed
)

select * from final
