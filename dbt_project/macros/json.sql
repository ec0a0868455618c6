{# The text of one field of a JSON object; null where the text is no JSON or the field is missing. #}
{% macro json_text(column, field) -%}
    {{ return(adapter.dispatch('json_text', 'naruki')(column, field)) }}
{%- endmacro %}

{% macro default__json_text(column, field) -%}
    json_extract_string(try_cast({{ column }} as json), '$.{{ field }}')
{%- endmacro %}

{% macro spark__json_text(column, field) -%}
    get_json_object({{ column }}, '$.{{ field }}')
{%- endmacro %}
