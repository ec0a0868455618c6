{# The day for which marts and decisions are computed. A run always states it; parsing needs a placeholder. #}
{% macro as_of_date() -%}
    {#- A run gives the day by the environment: another variable would make dbt read the whole project anew every day. -#}
    {%- set day = var('as_of_date', env_var('NARUKI_AS_OF', '')) | string -%}
    {%- if execute and not day and flags.WHICH not in ['parse', 'list', 'docs'] -%}
        {{ exceptions.raise_compiler_error("Marts are built for one day: give it as --vars '{as_of_date: 2026-10-31}', or use `naruki dbt`, which does.") }}
    {%- endif -%}
    cast('{{ day or "1970-01-01" }}' as date)
{%- endmacro %}

{# The first instant (UTC) after the as-of day, which closes in the business zone. #}
{% macro as_of_instant() -%}
    {{ from_zone('cast(' ~ add_days(as_of_date(), 1) ~ ' as timestamp)', setting('business_time_zone', 'string')) }}
{%- endmacro %}
