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

mentions as (
    select
        document_id,
        max(occurred_on) as occurred_on,
        max(case when signal = 'voc_type' and value = 'complaint' then 1 else 0 end) as is_complaint
    from said
    group by document_id
),

-- An item that came too lately to have as many days after as before is left out.
settled as (select * from shipped where shipped_on <= {{ add_days(day, '1 - ' ~ window) }}),

counted as (
    select
        settled.roadmap_id,
        settled.title,
        settled.shipped_on,
        {% for side, condition in [('before', 'mentions.occurred_on < settled.shipped_on'), ('after', 'mentions.occurred_on >= settled.shipped_on')] -%}
        cast(count(case when {{ condition }} then 1 end) as bigint) as mentions_{{ side }},
        cast(sum(case when {{ condition }} then mentions.is_complaint else 0 end) as bigint) as complaints_{{ side }}{{ ',' if not loop.last }}
        {% endfor %}
    from settled
    left join mentions
        on mentions.occurred_on >= {{ add_days('settled.shipped_on', '-' ~ window) }}
        and mentions.occurred_on < {{ add_days('settled.shipped_on', window) }}
    group by settled.roadmap_id, settled.title, settled.shipped_on
),

shares as (
    select
        *,
        {{ published_rate('complaints_before', 'mentions_before') }} as share_before,
        {{ published_rate('complaints_after', 'mentions_after') }} as share_after
    from counted
),

final as (
    select
        {{ day }} as as_of_date,
        roadmap_id,
        title,

        mentions_before,
        complaints_before,
        share_before,
        mentions_after,
        complaints_after,
        share_after,
        share_after - share_before as change,
        {% for end, sign in [('low', '-'), ('high', '+')] -%}
        share_after - share_before {{ sign }} {{ setting('interval_z', 'double') }} * sqrt(
            share_before * (1 - share_before) / nullif(mentions_before, 0) + share_after * (1 - share_after) / nullif(mentions_after, 0)
        ) as change_{{ end }},
        {% endfor %}
        shipped_on
    from shares
)

select * from final
