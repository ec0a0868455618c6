{#
  The newest version of every key of a landed table, without rows that the source deleted.
  Of the versions of a key the one that the source stamped last counts, then the one that landed last.
#}
{% macro newest(relation, key, version_at=none) %}
(
    select * from (
        select
            landed.*,
            row_number() over (
                partition by {{ key | join(', ') }}
                order by {% if version_at %}{{ version_at }} desc nulls last, {% endif %}_loaded_at desc, _load_id desc, _row_number desc
            ) as _version
        from {{ relation }} as landed
    ) as versions
    where _version = 1 and _deleted_at is null
)
{% endmacro %}

{#
  Rebuilding only what changed. Loads that the warehouse has not built yet are those missing from `warehouse_loads`, which is
  written after every event-level fact. An incremental model rebuilds whole days: every day that a new load touches, and every
  day on which an older version of one of its keys stood.
#}
{% macro touched_days(relation, key, event_at) %}
    select distinct {{ business_date('landed.' ~ event_at) }} as touched_date
    from {{ relation }} as landed
    where landed.{{ key }} in (
        select changed.{{ key }} from {{ relation }} as changed
        where changed._load_id not in (select built._load_id from {{ built_loads() }} as built)
    )
{% endmacro %}

{% macro built_loads() -%}
    {{ target.schema }}.warehouse_loads
{%- endmacro %}
