-- One row per customer and month: MRR at its end, money that came in and went back, gross margin.
with

months as (select * from {{ ref('int_customer__months') }}),
mrr as (select * from {{ ref('int_billing__mrr_month') }}),
cash as (select * from {{ ref('int_billing__cash') }}),
feeds as (select * from {{ ref('stg_feeds') }}),

known as (
    select
        max(case when feed = 'subscriptions' then first_event_at end) as subscriptions_from_at,
        max(case when feed = 'invoices' then first_event_at end) as invoices_from_at
    from feeds
),

monthly_cash as (
    select
        customer_id,
        {{ month_start('occurred_on') }} as month_start_date,
        cast(count(*) as bigint) as payments,
        -- One payment without a rate makes the month unknown.
        cast(count(case when net_minor is null or fee_minor is null then 1 end) as bigint) as unconverted,
        cast(sum(case when kind = 'collected' then net_minor else 0 end) as bigint) as collected_minor,
        cast(sum(case when kind = 'collected' and invoice_kind <> 'subscription' then net_minor else 0 end) as bigint) as one_off_minor,
        cast(sum(case when kind = 'refund' then net_minor else 0 end) as bigint) as refunds_minor,
        cast(sum(case when kind = 'chargeback' then net_minor else 0 end) as bigint) as chargebacks_minor,
        cast(sum(fee_minor) as bigint) as fees_minor
    from cash
    group by customer_id, {{ month_start('occurred_on') }}
),

-- Before a feed begins its amounts are unknown; from then on a month without rows is a month without money.
joined as (
    select
        months.*,
        mrr.movement,
        mrr.original_currency,
        mrr.opening_original_minor,
        mrr.closing_original_minor,
        case
            when known.subscriptions_from_at is null or known.subscriptions_from_at >= months.measured_at then null
            when mrr.customer_id is null then cast(0 as bigint)
            else mrr.closing_minor
        end as mrr_minor,
        case
            when known.subscriptions_from_at is null or known.subscriptions_from_at >= months.measured_at then null
            else coalesce(mrr.seats, 0)
        end as seats,
        coalesce(known.invoices_from_at < months.measured_at, false) and coalesce(monthly_cash.unconverted, 0) = 0 as is_cash_known,
        coalesce(monthly_cash.collected_minor, 0) as collected_minor,
        coalesce(monthly_cash.one_off_minor, 0) as one_off_minor,
        coalesce(monthly_cash.refunds_minor, 0) as refunds_minor,
        coalesce(monthly_cash.chargebacks_minor, 0) as chargebacks_minor,
        coalesce(monthly_cash.fees_minor, 0) as fees_minor
    from months
    cross join known
    left join mrr using (customer_id, month_start_date)
    left join monthly_cash using (customer_id, month_start_date)
),

final as (
    select
        customer_id,
        month_start_date,

        movement,
        {{ setting('reporting_currency', 'string') }} as currency,
        original_currency,

        mrr_minor,
        opening_original_minor,
        closing_original_minor as mrr_original_minor,
        seats,

        case when is_cash_known then collected_minor end as collected_minor,
        case when is_cash_known then one_off_minor end as one_off_minor,
        case when is_cash_known then refunds_minor end as refunds_minor,
        case when is_cash_known then chargebacks_minor end as chargebacks_minor,
        case when is_cash_known then fees_minor end as fees_minor,
        case when is_cash_known then collected_minor - refunds_minor - chargebacks_minor end as net_revenue_minor,
        case when is_cash_known then cast(round(
            cast(collected_minor - refunds_minor - chargebacks_minor - fees_minor as double) * {{ setting('gross_margin_rate', 'double') }}
        ) as bigint) end as gross_margin_minor,

        mrr_minor > 0 as is_paying,
        is_complete
    from joined
)

select * from final
