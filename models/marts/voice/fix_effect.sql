-- One row per as-of day and shipped roadmap item: what was said of us in public before it came and afterwards.
{%- set day = as_of_date() %}
{%- set window = setting('fix_window_days') %}
with

said as (select * from {{ signals_said() }} as signals where source = 'social'),
shipped as (
    select roadmap_id, min(title) as title, min({{ business_date('shipped_at') }}) as shipped_on
    from {{ ref('stg_feature_requests') }}
    where roadmap_id is not null and shipped_at < {{ as_of_instant() }}
    group by roadmap_id
),

-- A text in a language that nobody read is neither a complaint nor none.
mentions as (
    select
        document_id,
        max(occurred_on) as occurred_on,
        max(case when signal = 'voc_type' and value = 'complaint' then 1 else 0 end) as is_complaint
    from said
    group by document_id
    having max(case when value = 'unsupported_lang' then 1 else 0 end) = 0
),

known as (select min(occurred_on) as heard_from from mentions),

-- An item that came too lately to have as many days after as before is left out.
settled as (select * from shipped where shipped_on <= {{ add_days(day, '1 - ' ~ window) }}),

counted as (
    select
        settled.roadmap_id,
        settled.title,
        settled.shipped_on,
        {% for side, condition in [('before', 'mentions.occurred_on < settled.shipped_on'), ('after', 'mentions.occurred_on >= settled.shipped_on')] -%}
        cast(count(case when {{ condition }} then 1 end) as bigint) as mentions_{{ side }},
        cast(coalesce(sum(case when {{ condition }} then mentions.is_complaint end), 0) as bigint) as complaints_{{ side }}{{ ',' if not loop.last }}
        {% endfor %}
    from settled
    left join mentions
        on mentions.occurred_on >= {{ add_days('settled.shipped_on', '-' ~ window) }}
        and mentions.occurred_on < {{ add_days('settled.shipped_on', window) }}
    group by settled.roadmap_id, settled.title, settled.shipped_on
),

-- Before the first mention that we know of there was nothing to count: unknown, not 0.
heard as (
    select
        counted.roadmap_id,
        counted.title,
        counted.shipped_on,
        coalesce(known.heard_from < counted.shipped_on, false) as is_heard_before,
        {% for side, end in [('before', 'counted.shipped_on'), ('after', add_days('counted.shipped_on', window))] -%}
        case when known.heard_from < {{ end }} then counted.mentions_{{ side }} end as mentions_{{ side }},
        case when known.heard_from < {{ end }} then counted.complaints_{{ side }} end as complaints_{{ side }}{{ ',' if not loop.last }}
        {% endfor %}
    from counted
    cross join known
),

shares as (
    select
        *,
        {{ published_rate('complaints_before', 'mentions_before') }} as share_before,
        {{ published_rate('complaints_after', 'mentions_after') }} as share_after
    from heard
),

bounded as (
    select
        *,
        {% for side in ['before', 'after'] -%}
        {{ wilson_bound('share_' ~ side, 'nullif(mentions_' ~ side ~ ', 0)', '-') }} as {{ side }}_low,
        {{ wilson_bound('share_' ~ side, 'nullif(mentions_' ~ side ~ ', 0)', '+') }} as {{ side }}_high{{ ',' if not loop.last }}
        {% endfor %}
    from shares
),

-- The interval of a difference of two shares (Newcombe 1998), which keeps its width where nobody or everybody complains.
compared as (
    select
        *,
        share_after - share_before as change,
        share_after - share_before - sqrt(power(share_after - after_low, 2) + power(before_high - share_before, 2)) as change_low,
        share_after - share_before + sqrt(power(after_high - share_after, 2) + power(share_before - before_low, 2)) as change_high
    from bounded
),

final as (
    select
        {{ day }} as as_of_date,
        roadmap_id,
        title,

        case
            when not is_heard_before then 'no_feed'
            when change is null then 'too_few'
            when change_high < 0 then 'fewer_complaints'
            when change_low > 0 then 'more_complaints'
            else 'none_shown'
        end as finding,

        mentions_before,
        complaints_before,
        share_before,
        mentions_after,
        complaints_after,
        share_after,
        change,
        change_low,
        change_high,
        shipped_on
    from compared
)

select * from final
