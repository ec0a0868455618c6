-- One row per as-of day, month of the first payment and month since: who of the cohort still pays, and how much.
with

months as (select * from {{ ref('int_billing__mrr_month') }} where month_end_date <= {{ as_of_date() }}),
standing as (select * from {{ ref('int_billing__mrr_currency_month') }} where month_end_date <= {{ as_of_date() }}),

cohorts as (select customer_id, month_start_date as cohort_month from months where movement = 'new'),

-- Both ends at the rate of the cohort's month: what the currency does is no retention.
rates as (
    select currency, month_start_date, max(reporting_minor_per_minor) as reporting_minor_per_minor
    from standing
    group by currency, month_start_date
),

valued as (
    select
        cohorts.customer_id,
        cohorts.cohort_month,
        standing.month_start_date,
        cast(sum(standing.mrr_minor) as bigint) as paid_minor,
        {{ sum_if_known(to_reporting('standing.mrr_minor', 'rates.reporting_minor_per_minor')) }} as mrr_minor
    from cohorts
    inner join standing on cohorts.customer_id = standing.customer_id and cohorts.cohort_month <= standing.month_start_date
    left join rates on standing.currency = rates.currency and cohorts.cohort_month = rates.month_start_date
    group by cohorts.customer_id, cohorts.cohort_month, standing.month_start_date
),

opened as (
    select
        valued.*,
        first_value(mrr_minor) over (partition by customer_id order by month_start_date) as opening_minor
    from valued
),

compared as (
    select *, case when mrr_minor > opening_minor then opening_minor when mrr_minor <= opening_minor then mrr_minor end as kept_minor
    from opened
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        cohort_month,
        month_start_date,

        {{ setting('reporting_currency', 'string') }} as currency,

        {{ months_between('cohort_month', 'month_start_date') }} as months_since,
        cast(count(*) as bigint) as customers,
        cast(count(case when paid_minor > 0 then 1 end) as bigint) as customers_paying,
        {{ in_reporting_currency(sum_if_known('opening_minor')) }} as revenue_at_start,
        {{ in_reporting_currency(sum_if_known('mrr_minor')) }} as revenue_now,
        {{ in_reporting_currency(sum_if_known('kept_minor')) }} as revenue_kept,
        cast(count(case when paid_minor > 0 then 1 end) as double) / count(*) as customer_retention_rate,
        cast({{ sum_if_known('kept_minor') }} as double) / nullif({{ sum_if_known('opening_minor') }}, 0) as grr,
        cast({{ sum_if_known('mrr_minor') }} as double) / nullif({{ sum_if_known('opening_minor') }}, 0) as nrr
    from compared
    group by cohort_month, month_start_date
)

select * from final
