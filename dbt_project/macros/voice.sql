{# The rules of seeds/cfg_voc_rule.csv as constant patterns: ONE pattern per signal x reason x language, so that a million texts
   are searched in seconds; joining texts with a column of patterns takes a hundred times as long.
   Models that use these start with: -- depends_on: {{ ref('cfg_voc_rule') }} -#}

{# The include patterns (column='include') or exclude patterns (column='exclude') of a signal and reason as one SQL literal. -#}
{% macro voice_pattern(signal, reason, lang, column='include') -%}
    {%- set patterns = voice_patterns(signal, lang, column) -%}
    {%- if execute and column == 'include' and reason not in patterns -%}
        {{ exceptions.raise_compiler_error("cfg_voc_rule has no rule for signal '" ~ signal ~ "', reason '" ~ reason ~ "', language '" ~ lang ~ "'; add a row or mend the name.") }}
    {%- endif -%}
    {{ voice_literal(patterns.get(reason, '')) }}
{%- endmacro %}

{# Whether a normalised text (NFKC, lower case) holds a phrase of the reason once the excluded phrases are taken out. -#}
{% macro voice_matches(text, signal, reason, lang) -%}
    {%- set include = voice_pattern(signal, reason, lang) -%}
    {%- set excludes = voice_patterns(signal, lang, 'exclude') -%}
    ({{ voice_regexp_matches(text, include) }}
    {%- if excludes.get(reason) %} and {{ voice_regexp_matches(voice_regexp_replace(text, voice_literal(excludes[reason]), "'〓'"), include) }}
    {%- endif -%})
{%- endmacro %}

{# Of the reasons of a signal that a text holds the one with the heaviest rule, as one case expression; null if none. -#}
{% macro voice_reason(text, signal, lang) -%}
    case
    {%- for reason in voice_patterns(signal, lang, 'include') %}
        when {{ voice_matches(text, signal, reason, lang) }} then '{{ reason }}'
    {%- endfor %}
    end
{%- endmacro %}

{# reason -> one pattern, of a signal and language, in the order of weight; read from the seed when models are compiled. -#}
{% macro voice_patterns(signal, lang, column) -%}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- set rows = run_query("select reason, " ~ column ~ " as pattern from " ~ ref('cfg_voc_rule') ~ " where signal = '" ~ signal ~ "' and lang = '" ~ lang ~ "' and coalesce(" ~ column ~ ", '') <> '' order by max(weight) over (partition by reason) desc, reason, rule_id") -%}
        {%- for row in rows.rows -%}
            {%- do found.update({row[0]: found[row[0]] ~ '|(?:' ~ row[1] ~ ')' if row[0] in found else '(?:' ~ row[1] ~ ')'}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{# A pattern as a SQL string; Spark reads backslashes inside strings, DuckDB doesn't. -#}
{% macro voice_literal(pattern) -%}
    {{ return(adapter.dispatch('voice_literal', 'naruki')(pattern)) }}
{%- endmacro %}

{% macro default__voice_literal(pattern) -%}
    {{ return("'" ~ pattern | replace("'", "''") ~ "'") }}
{%- endmacro %}

{% macro spark__voice_literal(pattern) -%}
    {{ return("'" ~ pattern | replace("\\", "\\\\") | replace("'", "\\'") ~ "'") }}
{%- endmacro %}

{% macro voice_regexp_matches(text, pattern) -%}
    {{ return(adapter.dispatch('voice_regexp_matches', 'naruki')(text, pattern)) }}
{%- endmacro %}

{% macro default__voice_regexp_matches(text, pattern) -%}
    {{ return("regexp_matches(" ~ text ~ ", " ~ pattern ~ ")") }}
{%- endmacro %}

{% macro spark__voice_regexp_matches(text, pattern) -%}
    {{ return("(" ~ text ~ " rlike " ~ pattern ~ ")") }}
{%- endmacro %}

{% macro voice_regexp_replace(text, pattern, with) -%}
    {{ return(adapter.dispatch('voice_regexp_replace', 'naruki')(text, pattern, with)) }}
{%- endmacro %}

{% macro default__voice_regexp_replace(text, pattern, with) -%}
    {{ return("regexp_replace(" ~ text ~ ", " ~ pattern ~ ", " ~ with ~ ", 'g')") }}
{%- endmacro %}

{% macro spark__voice_regexp_replace(text, pattern, with) -%}
    {{ return("regexp_replace(" ~ text ~ ", " ~ pattern ~ ", " ~ with ~ ")") }}
{%- endmacro %}
