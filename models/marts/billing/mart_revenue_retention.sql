-- One row per as-of day, month and horizon (1 or 12 months): the customer base and its revenue from start to end.
with

standing as (select * from {{ ref('int_billing__mrr_currency_month') }} where month_end_date <= {{ as_of_date() }}),
months as (select * from {{ ref('int_billing__mrr_month') }} where month_end_date <= {{ as_of_date() }}),
churn as (select * from {{ ref('fct_churn_event') }} where is_ended and ended_at < {{ as_of_instant() }}),
work as (select * from {{ ref('fct_work_allocation') }} where worked_at < {{ as_of_instant() }}),

horizons as (select 1 as horizon_months union all select 12 as horizon_months),

periods as (
    select
        calendar.month_start_date,
        calendar.month_end_date,
        horizons.horizon_months,
        {{ add_months('calendar.month_start_date', '-horizons.horizon_months') }} as start_month
    from (select distinct month_start_date, month_end_date from months) as calendar
    cross join horizons
    where {{ add_months('calendar.month_start_date', '-horizons.horizon_months') }} >= (select min(month_start_date) from months)
),

first_paid as (select customer_id, month_start_date as first_paid_month from months where movement = 'new'),

rates as (
    select currency, month_start_date, max(reporting_minor_per_minor) as reporting_minor_per_minor
    from standing
    group by currency, month_start_date
),

-- Both ends of a period at the rate of its start.
ends as (
    select
        periods.month_start_date,
        periods.horizon_months,
        standing.customer_id,
        sum(case when standing.month_start_date = periods.start_month then standing.mrr_minor else 0 end) > 0 as paid_at_start,
        sum(case when standing.month_start_date = periods.month_start_date then standing.mrr_minor else 0 end) > 0 as paid_at_end,
        {{ sum_if_known_where(to_reporting('standing.mrr_minor', 'rates.reporting_minor_per_minor'), 'standing.month_start_date = periods.start_month') }} as opening_minor,
        {{ sum_if_known_where(to_reporting('standing.mrr_minor', 'rates.reporting_minor_per_minor'), 'standing.month_start_date = periods.month_start_date') }} as closing_minor
    from periods
    inner join standing on standing.month_start_date in (periods.start_month, periods.month_start_date)
    left join rates on standing.currency = rates.currency and periods.start_month = rates.month_start_date
    group by periods.month_start_date, periods.horizon_months, standing.customer_id
),

last_churn as (
    select
        ends.month_start_date,
        ends.horizon_months,
        ends.customer_id,
        churn.is_voluntary,
        case when churn.reason_source <> 'survey' or churn.reason_stated_at < {{ as_of_instant() }} then churn.is_controllable end as is_controllable,
        churn.reason_source in ('payment', 'status') or coalesce(churn.reason_stated_at < {{ as_of_instant() }}, false) as has_reason,
        row_number() over (
            partition by ends.month_start_date, ends.horizon_months, ends.customer_id order by churn.ended_at desc
        ) as newest_first
    from ends
    inner join churn on ends.customer_id = churn.customer_id
    where
        ends.paid_at_start and not ends.paid_at_end
        and churn.month_start_date <= ends.month_start_date
        and churn.month_start_date > {{ add_months('ends.month_start_date', '-ends.horizon_months') }}
),

followed as (
    select
        ends.*,
        first_paid.first_paid_month,
        last_churn.is_voluntary,
        last_churn.is_controllable,
        coalesce(last_churn.has_reason, false) as has_reason,
        case when ends.closing_minor > ends.opening_minor then ends.opening_minor when ends.closing_minor <= ends.opening_minor then ends.closing_minor end as kept_minor,
        case when ends.paid_at_start and not ends.paid_at_end then ends.opening_minor end as lost_minor
    from ends
    left join first_paid on ends.customer_id = first_paid.customer_id
    left join last_churn
        on ends.customer_id = last_churn.customer_id and ends.month_start_date = last_churn.month_start_date
        and ends.horizon_months = last_churn.horizon_months and last_churn.newest_first = 1
),

counted as (
    select
        month_start_date,
        horizon_months,
        cast(count(case when paid_at_start then 1 end) as bigint) as customers_opening,
        cast(count(case when paid_at_end and not paid_at_start
            and first_paid_month > {{ add_months('month_start_date', '-horizon_months') }} then 1 end) as bigint) as customers_new,
        cast(count(case when paid_at_end and not paid_at_start
            and first_paid_month <= {{ add_months('month_start_date', '-horizon_months') }} then 1 end) as bigint) as customers_returned,
        cast(count(case when paid_at_start and not paid_at_end then 1 end) as bigint) as customers_lost,
        cast(count(case when paid_at_start and not paid_at_end and is_voluntary then 1 end) as bigint) as customers_lost_voluntary,
        cast(count(case when paid_at_start and not paid_at_end and not is_voluntary then 1 end) as bigint) as customers_lost_involuntary,
        cast(count(case when paid_at_end then 1 end) as bigint) as customers_closing,
        {{ sum_if_known_where('opening_minor', 'paid_at_start') }} as prior_minor,
        {{ sum_if_known_where('closing_minor', 'paid_at_start') }} as now_minor,
        {{ sum_if_known_where('kept_minor', 'paid_at_start') }} as kept_minor,
        {{ sum_if_known_where('lost_minor', 'paid_at_start and not paid_at_end') }} as lost_minor,
        {{ sum_if_known_where('lost_minor', 'paid_at_start and not paid_at_end and has_reason') }} as lost_explained_minor,
        {{ sum_if_known_where('lost_minor', 'paid_at_start and not paid_at_end and is_controllable') }} as lost_controllable_minor,
        {{ sum_if_known_where('lost_minor', 'paid_at_start and not paid_at_end and not is_controllable') }} as lost_uncontrollable_minor
    from followed
    group by month_start_date, horizon_months
),

costs as (
    select
        periods.month_start_date,
        periods.horizon_months,
        {{ sum_if_known_where('work.cost_minor', 'true') }} as cost_minor,
        {{ sum_if_known_where('work.cost_minor', "work.source_kind = 'touch'") }} as success_cost_minor
    from periods
    inner join work on work.worked_on <= periods.month_end_date and work.worked_on >= {{ add_months('periods.start_month', 1) }}
    group by periods.month_start_date, periods.horizon_months
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        counted.month_start_date,
        counted.horizon_months,

        {{ setting('reporting_currency', 'string') }} as currency,

        {%- for count in ['opening', 'new', 'lost', 'returned', 'closing', 'lost_voluntary', 'lost_involuntary'] %}
        counted.customers_{{ count }},
        {%- endfor %}
        {{ in_reporting_currency('counted.prior_minor') }} as revenue_prior,
        {{ in_reporting_currency('counted.now_minor') }} as revenue_now,
        {{ in_reporting_currency('counted.kept_minor') }} as revenue_kept,
        {{ in_reporting_currency('counted.now_minor - counted.kept_minor') }} as revenue_expanded,
        {{ in_reporting_currency('counted.lost_minor') }} as revenue_lost,
        {{ in_reporting_currency('counted.lost_explained_minor') }} as revenue_lost_explained,
        {{ in_reporting_currency('counted.lost_controllable_minor') }} as revenue_lost_controllable,
        {{ in_reporting_currency('counted.lost_uncontrollable_minor') }} as revenue_lost_uncontrollable,
        {{ in_reporting_currency('costs.cost_minor') }} as cost_to_serve,
        {{ in_reporting_currency('costs.success_cost_minor') }} as cost_of_success,
        {%- for rate, numerator, denominator in [
            ('nrr', 'now_minor', 'prior_minor'), ('grr', 'kept_minor', 'prior_minor'),
            ('logo_churn_rate', 'customers_lost', 'customers_opening'),
            ('logo_churn_voluntary_rate', 'customers_lost_voluntary', 'customers_opening'),
            ('logo_churn_involuntary_rate', 'customers_lost_involuntary', 'customers_opening'),
            ('lost_explained_share', 'lost_explained_minor', 'lost_minor'),
        ] %}
        cast(counted.{{ numerator }} as double) / nullif(counted.{{ denominator }}, 0) as {{ rate }}{{ ',' if not loop.last }}
        {%- endfor %}
    from counted
    left join costs using (month_start_date, horizon_months)
)

select * from final
