-- One row per payment that came in or went back, net of tax, in the reporting currency at the rate of its day.
with

invoices as (select * from {{ ref('stg_invoices') }}),
refunds as (select * from {{ ref('stg_refunds') }}),
customers as (select * from {{ ref('stg_customers') }}),
statuses as (select * from {{ ref('cfg_invoice_status') }}),
reasons as (select * from {{ ref('cfg_refund_reason') }}),
rates as (select * from {{ ref('int_billing__fx_rate') }}),

collected as (
    select
        'invoice' as document,
        invoices.invoice_id as document_id,
        invoices.customer_id,
        'collected' as kind,
        invoices.invoice_kind,
        invoices.currency,
        invoices.amount_minor - invoices.tax_minor as net_minor,
        invoices.fee_minor,
        coalesce(invoices.paid_at, invoices.issued_at) as occurred_at
    from invoices
    left join statuses using (status)
    where coalesce(statuses.is_collected, invoices.paid_at is not null)
),

-- A refund gives back the tax as well: its net share is that of the invoice.
returned as (
    select
        'refund' as document,
        refunds.refund_id as document_id,
        refunds.customer_id,
        coalesce(reasons.kind, 'refund') as kind,
        invoices.invoice_kind,
        refunds.currency,
        case
            when invoices.amount_minor > 0 and invoices.tax_minor > 0 then cast(round(
                cast(refunds.amount_minor as double) * (invoices.amount_minor - invoices.tax_minor) / invoices.amount_minor
            ) as bigint)
            else refunds.amount_minor
        end as net_minor,
        cast(0 as bigint) as fee_minor,
        refunds.refunded_at as occurred_at
    from refunds
    left join invoices on refunds.invoice_id = invoices.invoice_id
    left join reasons on refunds.reason = reasons.reason
),

moved as (
    select *, {{ business_date('occurred_at') }} as occurred_on
    from (
        select * from collected
        union all
        select * from returned
    ) as payments
),

final as (
    select
        moved.document,
        moved.document_id,
        moved.customer_id,

        moved.kind,
        moved.invoice_kind,
        moved.currency as original_currency,
        {{ setting('reporting_currency', 'string') }} as currency,

        moved.net_minor as net_original_minor,
        moved.fee_minor as fee_original_minor,
        {{ to_reporting('moved.net_minor', 'rates.reporting_minor_per_minor') }} as net_minor,
        {{ to_reporting('moved.fee_minor', 'rates.reporting_minor_per_minor') }} as fee_minor,

        moved.occurred_on,
        moved.occurred_at
    from moved
    left join customers using (customer_id)
    left join rates on moved.currency = rates.currency and moved.occurred_on = rates.rate_date
    where not coalesce(customers.is_test, false)
)

select * from final
