{#
  Landed tables hold every version of every key, and a deletion at the source is one more version (_deleted_at).

  `newest` serves tables of ordinary size; `newest_events` serves event tables, where sorting everything is out of reach.
  Of the versions of a key the one that the source stamped last counts, then the one that landed last; versions that
  landed before a deletion are gone with it.
#}
{% macro newest(relation, key, version_at=none) %}
(
    select * from (
        select
            landed.*,
            row_number() over (
                partition by {% for column in key %}landed.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
                order by {% if version_at %}landed.{{ version_at }} desc nulls last, {% endif %}landed._loaded_at desc,
                    landed._load_id desc, landed._row_number desc
            ) as _version
        from {{ relation }} as landed
        left join (
            select {{ key | join(', ') }}, max(_loaded_at) as _gone_at
            from {{ relation }}
            where _deleted_at is not null
            group by {{ key | join(', ') }}
        ) as deleted
            on {% for column in key %}landed.{{ column }} is not distinct from deleted.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}

        where landed._deleted_at is null and (deleted._gone_at is null or landed._loaded_at > deleted._gone_at)
    ) as versions
    where _version = 1
)
{% endmacro %}

{#
  The newest version of every event, in one pass over the columns asked for: only the keys that landed more than once are
  compared, by what landed last. `days` (a relation with a touched_date) keeps to the events of those days; all versions
  of their keys are compared even so, because a later version may have moved an event to another day.
#}
{% macro newest_events(relation, key, event_at, columns, days=none) %}
(
    with

    repeated as (
        select {{ hash_key(key) }} as key_hash
        from {{ relation }}
        {% if days %}
        where {{ hash_key(key) }} in (
            select {{ hash_key('landed.' ~ key) }} from {{ relation }} as landed
            where {{ on_days('landed.' ~ event_at, days) }}
        )
        {% endif %}
        group by 1
        having count(*) > 1
    ),

    versions as (
        select
            {{ key }}, _load_id, _source_file, _row_number, _deleted_at,
            row_number() over (
                partition by {{ key }} order by _loaded_at desc, _load_id desc, _source_file desc, _row_number desc
            ) as _version
        from {{ relation }}
        where {{ hash_key(key) }} in (select key_hash from repeated)
    )

    select {% for column in columns %}landed.{{ column }}{{ ', ' if not loop.last }}{% endfor %}

    from {{ relation }} as landed
    left join repeated on {{ hash_key('landed.' ~ key) }} = repeated.key_hash
    left join versions as standing
        on landed.{{ key }} = standing.{{ key }} and landed._load_id = standing._load_id
        and landed._row_number = standing._row_number and landed._source_file is not distinct from standing._source_file
        and standing._version = 1
    where landed._deleted_at is null and (repeated.key_hash is null or standing.{{ key }} is not null)
    {% if days %}and {{ on_days('landed.' ~ event_at, days) }}{% endif %}

)
{% endmacro %}

{# Whether an instant falls on one of the days. The bounds, a day wider for any zone, let the engine skip files. #}
{% macro on_days(instant, days) -%}
    {%- set bounds = run_query('select min(touched_date), max(touched_date) from ' ~ days).rows[0] if execute else [none, none] -%}
    {%- if bounds[0] is none -%} false
    {%- else -%}
    {{ instant }} >= cast({{ add_days("cast('" ~ bounds[0] ~ "' as date)", -1) }} as timestamp)
            and {{ instant }} < cast({{ add_days("cast('" ~ bounds[1] ~ "' as date)", 2) }} as timestamp)
            and {{ business_date(instant) }} in (select touched_date from {{ days }})
    {%- endif -%}
{%- endmacro %}

{# A 64 bit hash: equal keys have equal hashes; unequal ones that collide are told apart by the key itself. #}
{% macro hash_key(key) -%}
    {{ return(adapter.dispatch('hash_key', 'naruki')(key)) }}
{%- endmacro %}

{% macro default__hash_key(key) -%}
    hash({{ key }})
{%- endmacro %}

{% macro spark__hash_key(key) -%}
    xxhash64({{ key }})
{%- endmacro %}

{#
  Rebuilding only what changed. `stg_landed_loads` lists the loads that a run found when it began; `warehouse_loads` is
  written after every event-level fact. What is in the first and not in the second is to be built. An incremental model
  rebuilds whole days: every day that a new load touches, and every day on which an older version of one of its keys stood.

      {{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='opened_date',
                pre_hook="{{ forget_days(touched_days(source('landing', 'tickets'), 'ticket_id', 'created_at'), 'opened_date') }}") }}
      …
      {% if is_incremental() %}
      where opened_date in ({{ touched_days(source('landing', 'tickets'), 'ticket_id', 'created_at') }})
      {% endif %}
#}
{% macro touched_days(relation, key, event_at) %}
    {%- if is_unbuilt(relation) == 'true' -%}
    select distinct {{ business_date(from_epoch('quarters.quarter_number * 900')) }} as touched_date
    from (
        select distinct {{ quarter_of(event_at) }} as quarter_number
        from {{ relation }}
        where {{ event_at }} is not null
    ) as quarters
    {%- else -%}
    select distinct {{ business_date('landed.' ~ event_at) }} as touched_date
    from {{ relation }} as landed
    where landed.{{ event_at }} is not null and landed.{{ key }} in (
        select changed.{{ key }} from {{ relation }} as changed
        where {{ is_unbuilt(relation, 'changed') }}
    )
    {%- endif -%}
{% endmacro %}

{# Delete+insert leaves a day (or another key) alone for which there is nothing to insert: what became empty has to go before. #}
{% macro forget_days(days, day_column) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ day_column }} in ({{ days }})
    {%- endif -%}
{%- endmacro %}

{# Whether a landed row belongs to a load that the warehouse has not built yet. Listed one by one, so that files are skipped. #}
{% macro is_unbuilt(relation, landed='landed') -%}
    {%- set loads = unbuilt_loads(relation) -%}
    {%- if loads is none -%} true
    {%- elif loads | length == 0 -%} false
    {%- else -%} {{ landed }}._load_id in ({% for load in loads %}'{{ load | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor %})
    {%- endif -%}
{%- endmacro %}

{# The loads of a landed table to build; none where nothing is known of what was built, which means: everything. #}
{% macro unbuilt_loads(relation) %}
    {%- set landed = ref('stg_landed_loads') -%}
    {%- if not execute -%} {{ return(none) }} {%- endif -%}
    {%- set built = adapter.get_relation(database=target.database, schema=target.schema, identifier='warehouse_loads') -%}
    {%- if built is none or load_relation(landed) is none -%} {{ return(none) }} {%- endif -%}
    {%- set found = run_query(
        "select landed._load_id from " ~ landed ~ " as landed where landed.table_name = '" ~ relation.identifier ~ "'"
        ~ " and not exists (select 1 from " ~ built ~ " as built where built.table_name = landed.table_name"
        ~ " and built._load_id = landed._load_id) order by landed._load_id"
    ) -%}
    {{ return(found.columns[0].values() | list) }}
{% endmacro %}

{# warehouse_loads says that a load is in every event-level fact: it may only be built together with them. #}
{% macro built_with(models) -%}
    {%- for model in models -%}
        {%- do ref(model) -%}
        {%- if execute and selected_resources and 'model.naruki.' ~ model not in selected_resources -%}
            {{ exceptions.raise_compiler_error("warehouse_loads can't be built without " ~ model ~ ": select it with its parents (+warehouse_loads).") }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
