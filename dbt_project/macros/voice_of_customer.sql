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

{# Every signal that was known of by the end of the as-of day: texts as they were read for that day, marks of people as they were made. #}
{% macro signals_said() -%}
(
    {%- for read, condition in [
        (texts_read() ~ ' as computed', "cast(as_of_date as date) = " ~ as_of_date() ~ " and method not in ('survey', 'category')"),
        (ref('int_voice__marks'), 'true'),
    ] %}
    select
        document_id, source, customer_id, lang, signal, value, method, polarity, modality, evidence_term, evidence_rule, is_chosen,
        occurred_at, {{ business_date('occurred_at') }} as occurred_on
    from {{ read }}
    where {{ condition }} and occurred_at < {{ as_of_instant() }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}

{#
  One row per document and theme: what it is about, by its reason and by what it can't do or left unsolved. Who gives notice names
  no theme by that alone; a request is about features unless its text says otherwise. A document without a theme has one row without.
#}
{% macro themes_said() -%}
(
    select document_id, source, customer_id, speaker, theme, is_negative, occurred_at, occurred_on
    from (
        select
            said.document_id,
            said.source,
            max(said.customer_id) as customer_id,
            coalesce(max(said.customer_id), said.document_id) as speaker,
            taxonomy.theme,
            max(max(case when said.polarity in ('negative', 'mixed') then 1 else 0 end)) over (partition by said.document_id) = 1 as is_negative,
            count(taxonomy.theme) over (partition by said.document_id) as themes,
            max(said.occurred_at) as occurred_at,
            max(said.occurred_on) as occurred_on
        from (
            select
                *,
                case
                    when signal = 'contact_reason' and source = 'success' and method = 'rules' and value = 'unclassified' then 'feature_request'
                    when
                        signal = 'contact_reason' and source <> 'cancellation'
                        and value <> {{ setting('cancellation_contact_reason', 'string') }}
                        and (is_chosen or source = 'success' and method = 'rules')
                        then value
                    when signal = 'churn_reason' and is_chosen then value
                    when signal = 'voc_type' and value in ('cannot_use', 'unsolved') then value
                end as told
            from {{ signals_said() }} as signals
        ) as said
        left join {{ ref('cfg_voc_taxonomy') }} as taxonomy on said.signal = taxonomy.kind and said.told = taxonomy.reason
        group by said.document_id, said.source, taxonomy.theme
    ) as grouped
    where theme is not null or themes = 0
)
{%- endmacro %}

{# A share here as a multiple of the share there: a of n, b of m. #}
{% macro lift(a, n, b, m) -%}
    ({{ rate(a, n) }}) / nullif({{ rate(b, m) }}, 0)
{%- endmacro %}

{# One end of the interval of a ratio of two shares (Katz et al. 1978): a of n here, b of m there. #}
{% macro lift_bound(a, n, b, m, sign) -%}
    exp(
        ln({{ lift(a, n, b, m) }})
        {{ sign }} {{ setting('interval_z', 'double') }} * sqrt(
            greatest(1.0 / nullif({{ a }}, 0) - 1.0 / nullif({{ n }}, 0) + 1.0 / nullif({{ b }}, 0) - 1.0 / nullif({{ m }}, 0), 0)
        )
    )
{%- endmacro %}
