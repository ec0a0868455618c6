{# An agent under a stable pseudonym: the same person always has the same one, and no fact holds the id of the source. #}
{% macro agent_pseudonym(agent) -%}
    {#- The secret itself must not stand in compiled SQL. -#}
    {%- set salt = local_md5('agents|' ~ env_var('NARUKI_SALT', '')) -%}
    case when {{ agent }} is not null then concat('agent_', substr(md5(concat('{{ salt }}', {{ agent }})), 1, 16)) end
{%- endmacro %}

{# One row per whole number from low to high, both included. #}
{% macro explode_numbers(low, high) -%}
    {{ return(adapter.dispatch('explode_numbers', 'naruki')(low, high)) }}
{%- endmacro %}

{% macro default__explode_numbers(low, high) -%}
    unnest(generate_series({{ low }}, {{ high }}))
{%- endmacro %}

{% macro spark__explode_numbers(low, high) -%}
    explode(sequence({{ low }}, {{ high }}))
{%- endmacro %}

{# The UTC instant of a number of seconds since 1970. #}
{% macro from_epoch(seconds) -%}
    {{ return(adapter.dispatch('from_epoch', 'naruki')(seconds)) }}
{%- endmacro %}

{% macro default__from_epoch(seconds) -%}
    cast(make_timestamp(cast(({{ seconds }}) * 1000000 as bigint)) as timestamp)
{%- endmacro %}

{% macro spark__from_epoch(seconds) -%}
    timestamp_seconds({{ seconds }})
{%- endmacro %}

{# Monday is 1, Sunday is 7. #}
{% macro iso_weekday(d) -%}
    {{ return(adapter.dispatch('iso_weekday', 'naruki')(d)) }}
{%- endmacro %}

{% macro default__iso_weekday(d) -%}
    cast(isodow({{ d }}) as integer)
{%- endmacro %}

{% macro spark__iso_weekday(d) -%}
    cast(weekday({{ d }}) + 1 as int)
{%- endmacro %}

{# Quarters of an hour since 1970: all zones and all opening hours change on one, so a quarter is open or closed as a whole. #}
{% macro quarter_of(ts) -%}
    cast(floor({{ epoch_seconds(ts) }} / 900.0) as bigint)
{%- endmacro %}

{# Open seconds up to an instant; `calendar` is the row of the instant's quarter in int_support__business_calendar. #}
{% macro open_seconds_at(ts, calendar) -%}
    cast(
        {{ calendar }}.open_seconds_before
        + case when {{ calendar }}.is_open then {{ epoch_seconds(ts) }} - {{ calendar }}.quarter_number * 900 else 0 end as bigint
    )
{%- endmacro %}

{# A level of a percentile within the group, the same on both engines, which want it as a literal. #}
{% macro percentile(expression, level) -%}
    round(percentile_cont({{ level }}) within group (order by cast({{ expression }} as double)), 4)
{%- endmacro %}

{# Numerator over denominator; null when there is nothing to divide by. #}
{% macro rate(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{# A state lasts until the next one, at most until the `last` moment; unknown stays unknown, where greatest and least skip nulls. #}
{% macro state_seconds(clock, last) -%}
    case
        when {{ clock }}_seconds >= {{ last }}_{{ clock }} then 0
        when next_{{ clock }} < {{ last }}_{{ clock }} then next_{{ clock }} - {{ clock }}_seconds
        else {{ last }}_{{ clock }} - {{ clock }}_seconds
    end
{%- endmacro %}

{# A sum of fractions that does not depend on the order of the rows, as sums of doubles do. #}
{% macro exact_sum(expression) -%}
    cast(sum(cast({{ expression }} as decimal(18, 6))) as double)
{%- endmacro %}

{# Minor units of the reporting currency as an amount that people read. #}
{% macro reporting_amount(amount_minor) -%}
    cast(round(cast({{ amount_minor }} as double) / power(
        10.0,
        (
            select cast(max(minor_digits) as double) from {{ ref('cfg_currency') }}
            where currency = {{ setting('reporting_currency', 'string') }}
        )
    ), 2) as decimal(18, 2))
{%- endmacro %}

{# The first day of a trailing window of months or days that ends with the as-of day. #}
{% macro months_before_as_of(months) -%}
    {{ add_days(add_months(as_of_date(), '-' ~ months), 1) }}
{%- endmacro %}

{# A setting as a literal, where an engine takes no subquery. #}
{% macro setting_literal(name) -%}
    {%- if execute -%}
        {{ run_query("select value from " ~ ref('cfg_setting') ~ " where setting = '" ~ name ~ "'").columns[0].values()[0] }}
    {%- else -%} 0.5 {%- endif -%}
{%- endmacro %}

{# Rows whose stated customer is a confirmed account of their source at that time, with the customer that it stands for. #}
{% macro account_matches(rows, id, happened_at) -%}
    select
        {{ rows }}.{{ id }},
        min(accounts.customer_id) as customer_id
    from {{ rows }}
    inner join {{ ref('bridge_account') }} as accounts
        on {{ rows }}.customer_id = accounts.source_account_id
        and {{ rows }}.source_name = accounts.source_name
        and accounts.status = 'confirmed'
        and (accounts.valid_from_at is null or {{ rows }}.{{ happened_at }} >= accounts.valid_from_at)
        and (accounts.valid_to_at is null or {{ rows }}.{{ happened_at }} < accounts.valid_to_at)
    group by {{ rows }}.{{ id }}
    having count(distinct accounts.customer_id) = 1
{%- endmacro %}

{# The Monday of a day's week. #}
{% macro week_start(d) -%}
    cast(date_trunc('week', {{ d }}) as date)
{%- endmacro %}

{# Whether an instant lies before the end of so many days after another (also before that other). #}
{% macro within_days(happened_at, after_at, days) -%}
    {{ epoch_seconds(happened_at) }} - {{ epoch_seconds(after_at) }} <= {{ days }} * 86400
{%- endmacro %}

{#
  The same rows as `newest`, for tables with many rows: nearly all keys landed once, so only those that landed again (or were
  deleted) are sorted. They are told by a hash; a key that shares its hash with another is sorted needlessly and stays right.
#}
{% macro newest_of_many(relation, key, version_at=none) %}
{%- set again = '(select * from ' ~ relation ~ ' where ' ~ hash_key(key) ~ ' in (select key_hash from repeated))' %}
(
    with

    repeated as (
        select {{ hash_key(key) }} as key_hash from {{ relation }} group by 1 having count(*) > 1 or count(_deleted_at) > 0
    )

    select landed.*, 1 as _version
    from {{ relation }} as landed
    where {{ hash_key('landed.' ~ key) }} not in (select key_hash from repeated)
    union all
    select * from {{ newest(again, [key], version_at) }} as newest_again
)
{% endmacro %}

{#
  The table that stands of an event-level fact of which only what changed is built anew; none when all is: at first, when asked for,
  and when a version of the project added the column by which changes are told.
#}
{% macro standing(model, column='policy_version') -%}
    {%- set built = adapter.get_relation(database=target.database, schema=target.schema, identifier=model) if execute -%}
    {%- set columns = adapter.get_columns_in_relation(built) | map(attribute='name') | list if built else [] -%}
    {%- if column in columns and not flags.FULL_REFRESH -%}
        {{ return(built) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{# What a slice of work costs: its minutes by the loaded rate of an hour, and its part of the cost of a contact. #}
{% macro work_cost(minutes, part, rates) -%}
    cast(round({{ minutes }} / 60 * {{ rates }}.hourly_cost_reporting + {{ part }} * {{ rates }}.contact_cost_reporting) as bigint)
{%- endmacro %}

{# Change with the settings that the figures of calls, of conversations and of work follow: then all of them are built anew. #}
{% macro call_policy_version() -%}
    {{ settings_version(['short_abandon_seconds', 'service_level_seconds', 'transfer_gap_seconds', 'business_time_zone']) }}
{%- endmacro %}

{% macro conversation_policy_version() -%}
    {{ settings_version(['conversation_gap_hours', 'business_time_zone']) }}
{%- endmacro %}

{% macro work_policy_version() -%}
    {{ settings_version(['paid_minutes_without_shift', 'onboarding_days', 'reporting_currency', 'business_time_zone']) }}
{%- endmacro %}

{% macro settings_version(names) -%}
    concat_ws('|', {% for name in names %}{{ setting(name, 'string') }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{# Changes with every policy that a ticket's figures follow: when it does, all tickets are built anew. #}
{% macro ticket_policy_version() -%}
    (
        select cast(sum(cast({{ hash_key('policy') }} as decimal(20, 0))) as string)
        from (
            select
                concat_ws(
                    '|', 'hours', schedule_id, time_zone, cast(weekday as string), opens_at, closes_at,
                    cast(valid_from as string), cast(valid_to as string)
                ) as policy
            from {{ ref('cfg_business_hours') }}
            union all
            select concat_ws('|', 'holiday', schedule_id, cast(holiday_date as string)) as policy from {{ ref('cfg_holiday') }}
            union all
            select
                concat_ws(
                    '|', 'sla', origin, channel, priority, cast(first_reply_minutes as string), cast(long_wait_minutes as string)
                ) as policy
            from {{ ref('cfg_sla') }}
            union all
            select concat_ws('|', 'origin', origin, demand_kind) as policy from {{ ref('cfg_ticket_origin') }}
            union all
            select concat_ws('|', 'setting', setting, value) as policy from {{ ref('cfg_setting') }}
            where setting in ('opening_comment_seconds', 'business_calendar_from', 'business_calendar_to', 'business_time_zone')
        ) as policies
    )
{%- endmacro %}

{# Touches of one group session share a key: the session's id, else who, what and when. A touch of one customer stands alone. #}
{% macro session_key() -%}
    case
        when is_group then coalesce(session_id, concat(coalesce(owner_name, ''), '|', touch_kind, '|', cast(occurred_at as string)))
        else touch_id
    end
{%- endmacro %}

{# The first instant of a day of the business zone. #}
{% macro day_start(d) -%}
    {{ from_zone('cast(' ~ d ~ ' as timestamp)', setting('business_time_zone', 'string')) }}
{%- endmacro %}

{# A contact as it was known on the as-of day: a duplicate that was merged later still stood for itself. #}
{% macro stood_as_contact() -%}
    (is_contact or coalesce(merged_at >= {{ as_of_instant() }}, false))
{%- endmacro %}
