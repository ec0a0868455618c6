{# Null instead of an error where a text does not fit the type; a check counts the nulls. #}
{% macro safe_cast(expression, type) -%}
    try_cast({{ expression }} as {{ type }})
{%- endmacro %}
