{# Helpers of the billing and customer models. #}

{# One row per day from one date to another, both included; `bounds` is a relation with one row. #}
{% macro day_series(bounds, from_date, to_date) -%}
    {{ return(adapter.dispatch('day_series', 'naruki')(bounds, from_date, to_date)) }}
{%- endmacro %}

{% macro default__day_series(bounds, from_date, to_date) -%}
    select
        cast(
            unnest(generate_series(cast({{ from_date }} as timestamp), cast({{ to_date }} as timestamp), interval 1 day)) as date
        ) as calendar_date
    from {{ bounds }}
{%- endmacro %}

{% macro spark__day_series(bounds, from_date, to_date) -%}
    select explode(sequence({{ from_date }}, {{ to_date }}, interval 1 day)) as calendar_date
    from {{ bounds }}
{%- endmacro %}

{# Minor units of one currency as whole minor units of the reporting currency: nothing stays nothing, no rate is unknown, never 1. #}
{% macro to_reporting(amount_minor, reporting_minor_per_minor) -%}
    case
        when {{ amount_minor }} = 0 then cast(0 as bigint)
        else cast(round(cast({{ amount_minor }} as double) * {{ reporting_minor_per_minor }}) as bigint)
    end
{%- endmacro %}

{# A sum that is unknown as soon as one part is unknown, where sum() would leave that part out. #}
{% macro sum_if_known(amount) -%}
    case when count(*) = count({{ amount }}) then cast(sum({{ amount }}) as bigint) end
{%- endmacro %}

{# Whether an instant lies in a half-open interval of terms; what ends exactly then still stood just before it. #}
{% macro stood_before(instant, valid_from, valid_to) -%}
    {{ valid_from }} < {{ instant }} and ({{ valid_to }} is null or {{ valid_to }} >= {{ instant }})
{%- endmacro %}

{# Present value of one unit a month for n months (paid in advance, counted from month 1), at a yearly rate of discount. #}
{% macro annuity(months, yearly_rate) -%}
    ((1 - power(1 + {{ yearly_rate }}, -cast({{ months }} as double) / 12)) / (power(1 + {{ yearly_rate }}, 1.0 / 12) - 1))
{%- endmacro %}

{# Minor units of the reporting currency as an amount with its decimals. #}
{% macro in_reporting_currency(amount_minor) -%}
    cast(round(cast({{ amount_minor }} as double) / {{ reporting_minor_units() }}, 2) as decimal(18, 2))
{%- endmacro %}

{% macro reporting_minor_units() -%}
    (
        select max(power(10.0, minor_digits)) from {{ ref('cfg_currency') }}
        where currency = {{ setting('reporting_currency', 'string') }}
    )
{%- endmacro %}

{# Whether a feed had begun by the as-of day; what depends on a feed that had not is unknown. #}
{% macro feed_known(feeds) -%}
    coalesce((
        select min(first_event_at) from {{ ref('stg_feeds') }}
        where feed in ({% for feed in feeds %}'{{ feed }}'{{ ', ' if not loop.last }}{% endfor %})
    ) < {{ as_of_instant() }}, false)
{%- endmacro %}

{#
  The first end of a term after a day. Sources overwrite the end of the running term with every renewal, so it is moved by
  whole terms to where it stood on that day: what is renewed later does not change what was true before.
#}
{% macro term_end_after(on_date, term_end, whole_months, whole_days) -%}
    {%- set terms = 'cast(floor(cast(' ~ months_between(on_date, term_end) ~ ' as double) / nullif(' ~ whole_months ~ ', 0)) as bigint)' -%}
    {%- set apart = terms ~ ' * ' ~ whole_months -%}
    {%- set earlier = add_months(term_end, '-(' ~ apart ~ ')') -%}
    {%- set later = add_months(term_end, whole_months ~ ' - (' ~ apart ~ ')') -%}
    {%- set phase = '((' ~ days_between(on_date, term_end) ~ ' - 1) % ' ~ whole_days ~ ' + ' ~ whole_days ~ ') % ' ~ whole_days -%}
    case
        when {{ whole_months }} > 0 and {{ earlier }} > {{ on_date }} then {{ earlier }}
        when {{ whole_months }} > 0 then {{ later }}
        when {{ whole_days }} > 0 then {{ add_days(on_date, phase ~ ' + 1') }}
    end
{%- endmacro %}

{#
  One row per customer with terms before an instant: what it pays, since when, whether notice was given, where it stands in
  its life. Only what had happened by then is read; `on_date` is the last business day before the instant.
#}
{% macro customer_state(at, on_date) -%}
(
    with

    intervals as (select * from {{ ref('int_billing__subscription_interval') }} where valid_from_at < {{ at }}),
    rates as (select * from {{ ref('int_billing__fx_rate') }}),

    standing as (
        select
            intervals.*,
            {{ to_reporting('intervals.mrr_minor', 'rates.reporting_minor_per_minor') }} as mrr_reporting_minor,
            case when notice_at < {{ at }} then notice_at end as given_notice_at,
            {{ business_date('coalesce(intervals.current_term_end_at, intervals.started_at)') }} as term_anchor_on,
            row_number() over (
                partition by intervals.customer_id
                order by intervals.mrr_minor * coalesce(rates.reporting_minor_per_minor, 0) desc, intervals.mrr_minor desc,
                    intervals.subscription_id, intervals.item_id
            ) as size_rank
        from intervals
        left join rates on intervals.currency = rates.currency and {{ on_date }} = rates.rate_date
        where {{ stood_before(at, 'intervals.valid_from_at', 'intervals.valid_to_at') }}
    ),

    paid as (
        select customer_id, min(valid_from_at) as first_paid_at
        from intervals
        where mrr_minor > 0
        group by customer_id
    ),

    held as (
        select
            customer_id,
            {{ sum_if_known('mrr_reporting_minor') }} as mrr_minor,
            cast(sum(mrr_minor) as bigint) as mrr_original_sum,
            case when min(currency) = max(currency) then min(currency) end as original_currency,
            cast(sum(case when mrr_minor > 0 then quantity else 0 end) as bigint) as seats,
            count(case when mrr_minor > 0 then 1 end) as paid_items,
            count(case when mrr_minor > 0 and given_notice_at is not null then 1 end) as items_with_notice,
            max(case when mrr_minor > 0 then given_notice_at end) as last_notice_at,
            max(case when mrr_minor > 0 and status = 'past_due' then 1 else 0 end) as has_past_due,
            max(case when status = 'paused' then 1 else 0 end) as has_paused,
            max(case when excluded_because = 'trial' then 1 else 0 end) as has_trial,
            max(case when size_rank = 1 then plan_tier end) as plan_tier,
            max(case when size_rank = 1 then billing_interval end) as billing_interval,
            max(case when size_rank = 1 then interval_group end) as interval_group,
            max(case when size_rank = 1 then term_months end) as term_months,
            max(case when size_rank = 1 then term_end_on end) as term_end_on
        from (
            select *, {{ term_end_after(on_date, 'term_anchor_on', 'whole_months', 'whole_days') }} as term_end_on from standing
        ) as dated
        group by customer_id
    ),

    known as (select distinct customer_id from intervals),

    joined as (
        select
            known.customer_id,
            held.mrr_minor,
            held.original_currency,
            coalesce(held.seats, 0) as seats,
            held.plan_tier,
            held.billing_interval,
            held.interval_group,
            held.term_months,
            held.term_end_on,
            coalesce(held.mrr_original_sum, 0) > 0 as is_paying,
            case when held.paid_items > 0 and held.items_with_notice = held.paid_items then held.last_notice_at end as notice_at,
            coalesce(held.has_past_due, 0) = 1 as is_past_due,
            coalesce(held.has_paused, 0) = 1 as is_paused,
            coalesce(held.has_trial, 0) = 1 as is_trialing,
            paid.first_paid_at,
            {{ days_between(business_date('paid.first_paid_at'), on_date) }} as tenure_days
        from known
        left join held using (customer_id)
        left join paid using (customer_id)
    )

    select
        *,
        case
            when is_paying and (notice_at is not null or is_past_due) then 'at_risk'
            when is_paying and tenure_days < {{ setting('onboarding_days') }} then 'onboarding'
            when
                is_paying and term_months > 1
                and {{ days_between(on_date, 'term_end_on') }} <= {{ setting('renewal_window_days') }} then 'renewal'
            when is_paying then 'active'
            when is_paused then 'paused'
            when is_trialing then 'trial'
            when first_paid_at is not null then 'churned'
            else 'prospect'
        end as lifecycle_stage
    from joined
)
{%- endmacro %}

{# One end of Wilson's interval of a share observed in n cases; z is cfg_setting interval_z. #}
{% macro wilson_bound(share, n, sign) -%}
    {%- set z = setting('interval_z', 'double') -%}
    (
        {{ share }} + {{ z }} * {{ z }} / (2 * {{ n }})
        {{ sign }} {{ z }} * sqrt(greatest({{ share }} * (1 - {{ share }}), 0) / {{ n }} + {{ z }} * {{ z }} / (4 * {{ n }} * {{ n }}))
    ) / (1 + {{ z }} * {{ z }} / {{ n }})
{%- endmacro %}

{# Margin of a number of (discounted) months: nothing for who left, unknown for who never paid. #}
{% macro value_of(months) -%}
    case
        when is_paying then cast(round(monthly_margin * {{ months }}, 2) as decimal(18, 2))
        when first_paid_at is not null then cast(0 as decimal(18, 2))
    end
{%- endmacro %}

{# A sum over some rows that is unknown as soon as one of them is unknown, 0 when there are none. #}
{% macro sum_if_known_where(amount, condition) -%}
    case
        when count(case when {{ condition }} and {{ amount }} is null then 1 end) = 0
            then coalesce(cast(sum(case when {{ condition }} then {{ amount }} end) as bigint), 0)
    end
{%- endmacro %}

{# The parts of historical margin, of the rows of int_billing__cash that meet a condition. #}
{% macro money_parts(suffix, condition='true') -%}
    {{ sum_if_known_where('net_minor', "kind = 'collected' and " ~ condition) }} as collected{{ suffix }}_minor,
    {{ sum_if_known_where('net_minor', "kind = 'refund' and " ~ condition) }} as refunds{{ suffix }}_minor,
    {{ sum_if_known_where('net_minor', "kind = 'chargeback' and " ~ condition) }} as chargebacks{{ suffix }}_minor,
    {{ sum_if_known_where('fee_minor', condition) }} as fees{{ suffix }}_minor
{%- endmacro %}
