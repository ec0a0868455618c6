{# Helpers of the billing and customer models. #}

{# One row per day from one date to another, both included; `bounds` is a relation with one row. #}
{% macro day_series(bounds, from_date, to_date) -%}
    {{ return(adapter.dispatch('day_series', 'naruki')(bounds, from_date, to_date)) }}
{%- endmacro %}

{% macro default__day_series(bounds, from_date, to_date) -%}
    select cast(unnest(generate_series(cast({{ from_date }} as timestamp), cast({{ to_date }} as timestamp), interval 1 day)) as date) as calendar_date
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
