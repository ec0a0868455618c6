{# Whether a word is in the list of a setting (separated by commas); an unknown word is not. #}
{% macro is_listed(word, setting_name) -%}
    coalesce(position(concat(',', lower(trim({{ word }})), ',') in concat(',', {{ setting(setting_name, 'string') }}, ',')) > 0, false)
{%- endmacro %}

{# Whether an author of the community is one of ours. #}
{% macro is_staff(role) -%}
    {{ is_listed(role, 'community_staff_roles') }}
{%- endmacro %}

{# The same text always has the same hash, on either engine. #}
{% macro text_hash(text) -%}
    {{ return(adapter.dispatch('text_hash', 'naruki')(text)) }}
{%- endmacro %}

{% macro default__text_hash(text) -%}
    sha256({{ text }})
{%- endmacro %}

{% macro spark__text_hash(text) -%}
    sha2({{ text }}, 256)
{%- endmacro %}

{# A rate of fewer than minimum_group_size is not published: null, while its numerator and denominator stay visible. #}
{% macro published_rate(numerator, denominator) -%}
    case when {{ denominator }} >= {{ setting('minimum_group_size') }} then {{ rate(numerator, denominator) }} end
{%- endmacro %}

{#
  A table that Python computed; before it first has, one without rows, so that a deployment without it still builds.
  `in_graph=false` keeps the table out of the graph: for views that were made before it and show it when they are read.
#}
{% macro computed_or_empty(table, columns, in_graph=true) -%}
    {%- set computed = source('computed', table) if in_graph
        else "read_parquet('computed/" ~ table ~ "/*/*.parquet', union_by_name = true, hive_partitioning = true)" -%}
    {%- if target.type == 'duckdb' and execute
            and run_query("select count(*) from glob('computed/" ~ table ~ "/*/*.parquet')").columns[0].values()[0] == 0 -%}
    (select {% for name, type in columns.items() %}cast(null as {{ type }}) as {{ name }}{{ ', ' if not loop.last }}{% endfor %} where false)
    {%- else -%}
    {{ computed }}
    {%- endif -%}
{%- endmacro %}

{# What was read out of the texts, for every day on which they were read. #}
{% macro texts_read(in_graph=true) -%}
    {%- set columns = {'as_of_date': 'date', 'occurred_at': 'timestamp', 'score': 'double', 'confidence': 'double',
        'evidence_start': 'bigint', 'evidence_end': 'bigint', 'is_chosen': 'boolean'} -%}
    {%- for name in ['document_id', 'source', 'customer_id', 'text_hash', 'lang', 'signal', 'value', 'method', 'polarity', 'modality',
        'evidence_term', 'evidence_rule', 'method_version'] -%}
    {%- do columns.update({name: 'string'}) -%}
    {%- endfor -%}
    {{ computed_or_empty('voc_signal', columns, in_graph) }}
{%- endmacro %}
