{# Instants are UTC without a zone. Days close in the business zone (cfg_setting: business_time_zone). #}

{# A UTC instant as wall-clock time of a zone. #}
{% macro to_zone(ts, zone) -%}
    {{ return(adapter.dispatch('to_zone', 'naruki')(ts, zone)) }}
{%- endmacro %}

{% macro default__to_zone(ts, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ ts }}))
{%- endmacro %}

{% macro spark__to_zone(ts, zone) -%}
    from_utc_timestamp({{ ts }}, {{ zone }})
{%- endmacro %}

{# A wall-clock time of a zone as UTC instant. #}
{% macro from_zone(ts, zone) -%}
    {{ return(adapter.dispatch('from_zone', 'naruki')(ts, zone)) }}
{%- endmacro %}

{% macro default__from_zone(ts, zone) -%}
    timezone('UTC', timezone({{ zone }}, {{ ts }}))
{%- endmacro %}

{% macro spark__from_zone(ts, zone) -%}
    to_utc_timestamp({{ ts }}, {{ zone }})
{%- endmacro %}

{% macro business_time(ts) -%}
    {{ to_zone(ts, setting('business_time_zone', 'string')) }}
{%- endmacro %}

{% macro business_date(ts) -%}
    cast({{ business_time(ts) }} as date)
{%- endmacro %}

{# Seconds since 1970: durations are differences of these, never datediff, which counts boundaries on one engine. #}
{% macro epoch_seconds(ts) -%}
    {{ return(adapter.dispatch('epoch_seconds', 'naruki')(ts)) }}
{%- endmacro %}

{% macro default__epoch_seconds(ts) -%}
    cast(floor(epoch({{ ts }})) as bigint)
{%- endmacro %}

{% macro spark__epoch_seconds(ts) -%}
    unix_timestamp({{ ts }})
{%- endmacro %}

{% macro month_start(d) -%}
    cast(date_trunc('month', {{ d }}) as date)
{%- endmacro %}

{% macro add_months(d, n) -%}
    {{ return(adapter.dispatch('add_months', 'naruki')(d, n)) }}
{%- endmacro %}

{% macro default__add_months(d, n) -%}
    cast({{ d }} + to_months(cast({{ n }} as integer)) as date)
{%- endmacro %}

{% macro spark__add_months(d, n) -%}
    add_months({{ d }}, cast({{ n }} as int))
{%- endmacro %}

{% macro add_days(d, n) -%}
    {{ return(adapter.dispatch('add_days', 'naruki')(d, n)) }}
{%- endmacro %}

{% macro default__add_days(d, n) -%}
    cast({{ d }} + to_days(cast({{ n }} as integer)) as date)
{%- endmacro %}

{% macro spark__add_days(d, n) -%}
    date_add({{ d }}, cast({{ n }} as int))
{%- endmacro %}

{# Whole days from one date to another. #}
{% macro days_between(from_date, to_date) -%}
    {{ return(adapter.dispatch('days_between', 'naruki')(from_date, to_date)) }}
{%- endmacro %}

{% macro default__days_between(from_date, to_date) -%}
    cast(date_diff('day', {{ from_date }}, {{ to_date }}) as bigint)
{%- endmacro %}

{% macro spark__days_between(from_date, to_date) -%}
    cast(datediff({{ to_date }}, {{ from_date }}) as bigint)
{%- endmacro %}

{# Whole calendar months from one month's first day to another's. #}
{% macro months_between(from_month, to_month) -%}
    cast((extract(year from {{ to_month }}) - extract(year from {{ from_month }})) * 12
        + extract(month from {{ to_month }}) - extract(month from {{ from_month }}) as bigint)
{%- endmacro %}
