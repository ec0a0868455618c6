-- One row per customer and ended month at whose end it paid and had not given notice: what was known then, and what came after.
with

outcomes as (select * from {{ ref('int_value__outcomes') }}),
intervals as (select * from {{ ref('int_billing__subscription_interval') }} where mrr_minor > 0),
features as (select * from {{ ref('int_value__features') }}),
customers as (select * from {{ ref('dim_customer') }}),

standing as (
    select
        outcomes.customer_id,
        outcomes.month_start_date,
        intervals.plan_tier,
        intervals.interval_group,
        intervals.term_months,
        intervals.notice_at is not null and intervals.notice_at < outcomes.measured_at as has_notice,
        {{ term_end_after(
            'outcomes.measured_on', business_date('coalesce(intervals.current_term_end_at, intervals.started_at)'),
            'intervals.whole_months', 'intervals.whole_days'
        ) }} as term_end_on,
        row_number() over (
            partition by outcomes.customer_id, outcomes.month_start_date
            order by intervals.mrr_minor desc, intervals.subscription_id, intervals.item_id
        ) as size_rank
    from outcomes
    inner join intervals
        on outcomes.customer_id = intervals.customer_id
        and {{ stood_before('outcomes.measured_at', 'intervals.valid_from_at', 'intervals.valid_to_at') }}
    where outcomes.is_paying_at_end
),

terms as (
    select
        customer_id,
        month_start_date,
        max(case when size_rank = 1 then coalesce(plan_tier, 'unknown') end) as plan_tier,
        max(case when size_rank = 1 then coalesce(interval_group, 'unknown') end) as interval_group,
        max(case when size_rank = 1 then term_months end) as term_months,
        max(case when size_rank = 1 then term_end_on end) as term_end_on,
        min(case when has_notice then 1 else 0 end) = 1 as has_given_notice
    from standing
    group by customer_id, month_start_date
),

final as (
    select
        outcomes.customer_id,
        outcomes.month_start_date as as_of_month,
        outcomes.month_end_date,

        concat(terms.plan_tier, '/', terms.interval_group) as segment,
        {{ months_between('outcomes.first_month', 'outcomes.month_start_date') }} as tenure_months,
        cast(outcomes.closing_minor as double) / {{ reporting_minor_units() }} * {{ setting('gross_margin_rate', 'double') }} as monthly_margin,
        terms.term_months,
        {{ months_between('outcomes.month_start_date', 'terms.term_end_on') }} as months_to_term_end,
        terms.term_end_on,

        cast(outcomes.closing_minor as double) / {{ reporting_minor_units() }} as monthly_revenue,
        case
            when outcomes.currency_before = outcomes.original_currency
                then cast(outcomes.constant_minor as double) / nullif(outcomes.constant_before_minor, 0) - 1
        end as revenue_change_6m,
        cast(outcomes.closing_minor as double) / {{ reporting_minor_units() }} / nullif(outcomes.seats, 0) as revenue_per_seat,
        cast(outcomes.seats as double) / nullif(outcomes.first_seats, 0) - 1 as seat_growth,
        features.utilisation_rate,
        features.active_days_28,
        features.usage_change_3m,
        features.features_used,
        features.error_rate_3m,
        features.contacts_3m,
        features.long_waits_3m,
        features.vendor_fault_hours_3m,
        features.csat_rate_6m,
        features.nps_score,
        features.late_payments_6m,
        customers.employees,
        features.supported_90d,

        -- What came after: read only up to the day for which the panel is cut.
        outcomes.stop_month,
        outcomes.loss_month,
        case
            when outcomes.currency_after = outcomes.original_currency and outcomes.constant_after_minor > 0
                then cast(outcomes.constant_after_minor as double) / outcomes.constant_minor - 1
        end as revenue_growth_12m,
        case
            when outcomes.constant_after_minor > 0 then cast(outcomes.seats_midway as double) / nullif(outcomes.seats, 0) - 1
        end as seat_growth_6m,
        case
            when outcomes.constant_after_minor > 0 then cast(outcomes.seats_after as double) / nullif(outcomes.seats, 0) - 1
        end as seat_growth_12m
    from outcomes
    inner join terms using (customer_id, month_start_date)
    left join features using (customer_id, month_start_date)
    left join customers using (customer_id)
    where outcomes.is_paying_at_end and not terms.has_given_notice
)

select * from final
