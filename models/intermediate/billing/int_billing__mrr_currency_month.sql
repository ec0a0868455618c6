-- One row per customer, currency and month: the MRR that stood at the month's end.
with

months as (select * from {{ ref('int_customer__months') }}),
intervals as (select * from {{ ref('int_billing__subscription_interval') }} where mrr_minor > 0),
rates as (select * from {{ ref('int_billing__fx_rate') }}),

currencies as (
    select customer_id, currency, min(valid_from_at) as first_paid_at
    from intervals
    group by customer_id, currency
),

spine as (
    select months.*, currencies.currency
    from months
    inner join currencies on months.customer_id = currencies.customer_id and currencies.first_paid_at < months.measured_at
),

standing as (
    select
        spine.customer_id,
        spine.month_start_date,
        spine.currency,
        intervals.plan_tier,
        intervals.interval_group,
        intervals.mrr_minor,
        intervals.quantity,
        row_number() over (
            partition by spine.customer_id, spine.month_start_date, spine.currency
            order by intervals.mrr_minor desc, intervals.subscription_id, intervals.item_id
        ) as size_rank
    from spine
    inner join intervals
        on spine.customer_id = intervals.customer_id and spine.currency = intervals.currency
        and {{ stood_before('spine.measured_at', 'intervals.valid_from_at', 'intervals.valid_to_at') }}
),

totals as (
    select
        customer_id,
        month_start_date,
        currency,
        cast(sum(mrr_minor) as bigint) as mrr_minor,
        cast(sum(quantity) as bigint) as seats,
        max(case when size_rank = 1 then plan_tier end) as plan_tier,
        max(case when size_rank = 1 then interval_group end) as interval_group
    from standing
    group by customer_id, month_start_date, currency
),

final as (
    select
        spine.customer_id,
        spine.month_start_date,
        spine.month_end_date,
        spine.currency,

        totals.plan_tier,
        totals.interval_group,

        coalesce(totals.mrr_minor, 0) as mrr_minor,
        coalesce(totals.seats, 0) as seats,
        rates.reporting_minor_per_minor,

        spine.is_complete
    from spine
    left join totals using (customer_id, month_start_date, currency)
    left join rates on spine.currency = rates.currency and spine.measured_on = rates.rate_date
)

select * from final
