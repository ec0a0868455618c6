{# A rule of the business from seeds/cfg_setting.csv, as a scalar of the given type. #}
{% macro setting(name, type='integer') -%}
    {%- set known = ['integer', 'bigint', 'double', 'string', 'varchar', 'date', 'boolean'] -%}
    {%- if type not in known -%}
        {{ exceptions.raise_compiler_error("setting('" ~ name ~ "') asks for type '" ~ type ~ "'; use one of " ~ known | join(', ') ~ ".") }}
    {%- endif -%}
    (select cast(max(value) as {{ 'varchar' if type == 'string' else 'bigint' if type == 'integer' else type }}) from {{ ref('cfg_setting') }} where setting = '{{ name }}')
{%- endmacro %}
