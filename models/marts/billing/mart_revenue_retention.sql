-- One row per as-of day, month and horizon (1 or 12 months): the customer base and its revenue from start to end.
with

followed as (select * from {{ ref('int_billing__period_customers') }}),
periods as (select * from {{ ref('int_billing__periods') }}),
work as (select * from {{ ref('fct_work_allocation') }} where worked_at < {{ as_of_instant() }}),

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
