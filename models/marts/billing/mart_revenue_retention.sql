-- One row per as-of day, month and horizon (1 or 12 months): the customer base and its revenue from start to end.
with

standing as (select * from {{ ref('int_billing__mrr_currency_month') }} where month_end_date <= {{ as_of_date() }}),
months as (select * from {{ ref('int_billing__mrr_month') }} where month_end_date <= {{ as_of_date() }}),
churn as (select * from {{ ref('fct_churn_event') }} where is_ended and ended_at < {{ as_of_instant() }}),
work as (select * from {{ ref('fct_work_allocation') }} where worked_at < {{ as_of_instant() }}),

calendar as (select distinct month_start_date, month_end_date from months),
first_paid as (select customer_id, month_start_date as first_paid_month from months where movement = 'new'),

periods as (
    select
        calendar.month_start_date,
        calendar.month_end_date,
        horizons.horizon_months,
        {{ add_months('calendar.month_start_date', '-horizons.horizon_months') }} as start_month
    from calendar
    cross join (select 1 as horizon_months union all select 12 as horizon_months) as horizons
    where {{ add_months('calendar.month_start_date', '-horizons.horizon_months') }} >= (select min(month_start_date) from calendar)
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

followed as (
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
),

counted as (
    select
        month_start_date,
        horizon_months,
        {%- for name, condition in [
            ('opening', 'paid_at_start'), ('new', 'is_gained and is_first'), ('returned', 'is_gained and not is_first'),
            ('lost', 'is_lost'), ('lost_voluntary', 'is_lost and is_voluntary'), ('lost_involuntary', 'is_lost and not is_voluntary'),
            ('closing', 'paid_at_end'),
        ] %}
        cast(count(case when {{ condition }} then 1 end) as bigint) as customers_{{ name }},
        {%- endfor %}
        {%- for name, amount, condition in [
            ('prior', 'opening_minor', 'paid_at_start'), ('now', 'closing_minor', 'paid_at_start'), ('kept', 'kept_minor', 'paid_at_start'),
            ('lost', 'opening_minor', 'is_lost'), ('lost_explained', 'opening_minor', 'is_lost and has_reason'),
            ('lost_controllable', 'opening_minor', 'is_lost and is_controllable'),
            ('lost_uncontrollable', 'opening_minor', 'is_lost and not is_controllable'),
        ] %}
        {{ sum_if_known_where(amount, condition) }} as {{ name }}_minor{{ ',' if not loop.last }}
        {%- endfor %}
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

        {%- for name in ['opening', 'new', 'lost', 'returned', 'closing', 'lost_voluntary', 'lost_involuntary'] %}
        counted.customers_{{ name }},
        {%- endfor %}
        {%- for name in ['prior', 'now', 'kept', 'lost', 'lost_explained', 'lost_controllable', 'lost_uncontrollable'] %}
        {{ in_reporting_currency('counted.' ~ name ~ '_minor') }} as revenue_{{ name }},
        {%- endfor %}
        {{ in_reporting_currency('counted.now_minor - counted.kept_minor') }} as revenue_expanded,
        {{ in_reporting_currency('costs.cost_minor') }} as cost_to_serve,
        {{ in_reporting_currency('costs.success_cost_minor') }} as cost_of_success,
        {%- for name, numerator, denominator in [
            ('nrr', 'now_minor', 'prior_minor'), ('grr', 'kept_minor', 'prior_minor'),
            ('logo_churn_rate', 'customers_lost', 'customers_opening'),
            ('logo_churn_voluntary_rate', 'customers_lost_voluntary', 'customers_opening'),
            ('logo_churn_involuntary_rate', 'customers_lost_involuntary', 'customers_opening'),
            ('lost_explained_share', 'lost_explained_minor', 'lost_minor'),
        ] %}
        {{ rate('counted.' ~ numerator, 'counted.' ~ denominator) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from counted
    left join costs using (month_start_date, horizon_months)
)

select * from final
