-- One row per as-of day and customer with terms: value of the coming months if it stays like its segment does.
with

states as (select * from {{ customer_state(as_of_instant(), as_of_date()) }} as standing),
labels as (select * from {{ ref('cfg_billing_interval') }}),
retention as (select * from {{ ref('mart_segment_retention') }} where as_of_date = {{ as_of_date() }}),

everybody as (select * from retention where plan_tier = '*'),

placed as (
    select
        states.*,
        coalesce(states.plan_tier, 'unknown') as segment_tier,
        coalesce(states.interval_group, 'unknown') as segment_interval,
        labels.label_en as interval_en,
        labels.label_ja as interval_ja,
        coalesce(retention.customer_months, 0) as n_effective,
        least(greatest(coalesce(retention.monthly_retention, everybody.monthly_retention), 0.000001), 0.999999) as stay,
        coalesce(retention.monthly_retention_low, everybody.monthly_retention_low) as stay_low,
        coalesce(retention.monthly_retention_high, everybody.monthly_retention_high) as stay_high,
        cast(states.mrr_minor as double) / {{ reporting_minor_units() }} * {{ setting('gross_margin_rate', 'double') }} as monthly_margin,
        power(1 + {{ setting('ltv_discount_rate_yearly', 'double') }}, -1.0 / 12) as monthly_discount,
        cast({{ setting('ltv_horizon_months') }} as double) as horizon,
        greatest(1, ceil({{ days_between(as_of_date(), 'states.term_end_on') }} / 30.4375)) as months_to_term_end
    from states
    cross join everybody
    left join retention
        on coalesce(states.plan_tier, 'unknown') = retention.plan_tier
        and coalesce(states.interval_group, 'unknown') = retention.interval_group
    left join labels on states.interval_group = labels.billing_interval
),

-- The month of churn is geometric, so each quantile of value is the annuity of that quantile of the month, exactly.
lasting as (
    select
        *,
        case
            when notice_at is not null then {{ annuity('months_to_term_end', setting('ltv_discount_rate_yearly', 'double')) }}
            else monthly_discount * (1 - power(stay * monthly_discount, horizon)) / (1 - stay * monthly_discount)
        end as expected_months,
        {%- for name, level in [('p10', '0.1'), ('p50', '0.5'), ('p90', '0.9')] %}
        case
            when notice_at is not null then least(months_to_term_end, horizon)
            else least(greatest(ceil(ln(1 - {{ level }}) / ln(stay)), 1), horizon)
        end as months_{{ name }},
        {%- endfor %}
        greatest(coalesce(term_months, 1), 1) as decision_months,
        cast(cast(round(stay * 100, 1) as decimal(4, 1)) as string) as stay_percent,
        case
            when not is_paying and first_paid_at is null then 'never_paid'
            when not is_paying then 'not_paying'
            when notice_at is not null then 'notice_given'
            else 'segment_retention'
        end as method
    from placed
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        customer_id,

        lifecycle_stage,
        segment_tier as plan_tier,
        segment_interval as interval_group,
        {{ setting('reporting_currency', 'string') }} as currency,
        original_currency,
        method,
        case method
            when 'never_paid' then 'Has not paid yet'
            when 'not_paying' then 'Does not pay any more'
            when 'notice_given' then concat('Gave notice; the term ends on ', cast(term_end_on as string))
            else concat(
                'Of customers on ', segment_tier, ', ', lower(coalesce(interval_en, 'unknown')), ', ', stay_percent,
                ' % stay from month to month'
            )
        end as reason_1_en,
        case method
            when 'never_paid' then 'まだ支払いがない'
            when 'not_paying' then '現在は支払っていない'
            when 'notice_given' then concat('解約の申し出あり。契約満了は ', cast(term_end_on as string))
            else concat(segment_tier, '・', coalesce(interval_ja, '不明'), '契約の顧客は毎月 ', stay_percent, ' % が継続')
        end as reason_1_ja,

        {{ in_reporting_currency('case when is_paying then mrr_minor else 0 end') }} as mrr,
        seats,
        term_months,
        tenure_days,
        n_effective,
        stay as monthly_retention,
        {{ value_of('expected_months') }} as ltv_mean,
        {{ value_of(annuity('months_p10', setting('ltv_discount_rate_yearly', 'double'))) }} as ltv_p10,
        {{ value_of(annuity('months_p50', setting('ltv_discount_rate_yearly', 'double'))) }} as ltv_p50,
        {{ value_of(annuity('months_p90', setting('ltv_discount_rate_yearly', 'double'))) }} as ltv_p90,
        case when is_paying then expected_months end as expected_months,
        case when is_paying then case when notice_at is not null then 0.0 else power(stay, decision_months) end end as renewal_p,
        case when is_paying then case when notice_at is not null then 0.0 else power(stay_low, decision_months) end end as renewal_p_low,
        case when is_paying then case when notice_at is not null then 0.0 else power(stay_high, decision_months) end end as renewal_p_high,

        is_paying,
        is_paying and (n_effective = 0 or tenure_days < {{ setting('onboarding_days') }}) as prior_only,

        term_end_on,
        first_paid_at,
        notice_at
    from lasting
)

select * from final
