-- One row per period and customer that paid at its start or end: what it paid then and now, and why it was lost.
{{ config(materialized='ephemeral') }}
with

periods as (select * from {{ ref('int_billing__periods') }}),
standing as (select * from {{ ref('int_billing__mrr_currency_month') }} where month_end_date <= {{ as_of_date() }}),
churn as (select * from {{ ref('fct_churn_event') }} where is_ended and ended_at < {{ as_of_instant() }}),
first_paid as (
    select customer_id, month_start_date as first_paid_month from {{ ref('int_billing__mrr_month') }}
    where movement = 'new' and month_end_date <= {{ as_of_date() }}
),

rates as (
    select currency, month_start_date, max(reporting_minor_per_minor) as reporting_minor_per_minor
    from standing
    group by currency, month_start_date
),

-- Both ends of a period at the rate of its start: constant currency.
valued as (
    select
        periods.month_start_date,
        periods.horizon_months,
        periods.start_month,
        standing.customer_id,
        standing.month_start_date = periods.start_month as is_start,
        standing.mrr_minor as original_minor,
        {{ to_reporting('standing.mrr_minor', 'rates.reporting_minor_per_minor') }} as mrr_minor
    from periods
    inner join standing on standing.month_start_date in (periods.start_month, periods.month_start_date)
    left join rates on standing.currency = rates.currency and periods.start_month = rates.month_start_date
),

ends as (
    select
        month_start_date,
        horizon_months,
        start_month,
        customer_id,
        max(case when is_start then original_minor else 0 end) > 0 as paid_at_start,
        max(case when is_start then 0 else original_minor end) > 0 as paid_at_end,
        {{ sum_if_known_where('mrr_minor', 'is_start') }} as opening_minor,
        {{ sum_if_known_where('mrr_minor', 'not is_start') }} as closing_minor
    from valued
    group by month_start_date, horizon_months, start_month, customer_id
),

-- Why a customer is lost, as far as it was known by the day.
losses as (
    select
        ends.month_start_date,
        ends.horizon_months,
        ends.customer_id,
        churn.is_voluntary,
        churn.reason_source in ('payment', 'status') or coalesce(churn.reason_stated_at < {{ as_of_instant() }}, false) as has_reason,
        churn.is_controllable,
        row_number() over (
            partition by ends.month_start_date, ends.horizon_months, ends.customer_id order by churn.ended_at desc
        ) as newest_first
    from ends
    inner join churn
        on ends.customer_id = churn.customer_id
        and churn.month_start_date <= ends.month_start_date and churn.month_start_date > ends.start_month
    where ends.paid_at_start and not ends.paid_at_end
),

final as (
    select
        ends.*,
        ends.paid_at_start and not ends.paid_at_end as is_lost,
        ends.paid_at_end and not ends.paid_at_start as is_gained,
        first_paid.first_paid_month > ends.start_month as is_first,
        losses.is_voluntary,
        coalesce(losses.has_reason, false) as has_reason,
        case when losses.has_reason then losses.is_controllable end as is_controllable,
        case
            when ends.closing_minor > ends.opening_minor then ends.opening_minor
            when ends.closing_minor <= ends.opening_minor then ends.closing_minor
        end as kept_minor
    from ends
    left join first_paid on ends.customer_id = first_paid.customer_id
    left join losses
        on ends.customer_id = losses.customer_id and ends.month_start_date = losses.month_start_date
        and ends.horizon_months = losses.horizon_months and losses.newest_first = 1
)

select * from final
