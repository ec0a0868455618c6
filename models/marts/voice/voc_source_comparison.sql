-- One row per as-of day, period, source of voice and theme: what is talked about where, and how much more than elsewhere.
{%- set day = as_of_date() %}
{%- set window = setting('voice_window_days') %}
with

said as (select * from {{ themes_said() }} as themes),
labels as (select reason as theme, label_en, label_ja from {{ ref('cfg_voc_taxonomy') }} where kind = 'theme'),

periods as (
    select
        'recent' as period,
        {{ add_days(day, '1 - ' ~ window) }} as period_start,
        {{ day }} as period_end
    union all
    select
        'before' as period,
        {{ add_days(day, '1 - 2 * ' ~ window) }} as period_start,
        {{ add_days(day, '-' ~ window) }} as period_end
),

-- Who speaks often speaks once: a customer counts once a source, an unknown author once a document.
spoken as (
    select
        periods.period,
        periods.period_start,
        periods.period_end,
        said.source,
        coalesce(said.theme, 'unclassified') as theme,
        said.speaker,
        said.document_id,
        said.is_negative
    from said
    inner join periods on said.occurred_on between periods.period_start and periods.period_end
),

sources as (
    select period, period_start, period_end, source, count(distinct speaker) as speakers
    from spoken
    group by 1, 2, 3, 4
),

counted as (
    select
        period,
        source,
        theme,
        count(distinct speaker) as n,
        count(distinct document_id) as documents,
        count(distinct case when is_negative then speaker end) as negative_n
    from spoken
    group by 1, 2, 3
),

grid as (
    select
        sources.*,
        labels.theme,
        labels.label_en,
        labels.label_ja,
        coalesce(counted.n, 0) as n,
        coalesce(counted.documents, 0) as documents,
        coalesce(counted.negative_n, 0) as negative_n
    from sources
    cross join (
        select * from labels
        union all
        select reason as theme, label_en, label_ja from {{ ref('cfg_voc_taxonomy') }} where kind = 'contact_reason' and reason = 'unclassified'
    ) as labels
    left join counted on sources.period = counted.period and sources.source = counted.source and labels.theme = counted.theme
),

-- Elsewhere is the sum over the other sources, of which one speaker may be in several.
compared as (
    select
        *,
        sum(n) over (partition by period, theme) - n as elsewhere_n,
        sum(speakers) over (partition by period, theme) - speakers as elsewhere_speakers,
        n >= {{ setting('minimum_group_size') }} as is_published
    from grid
),

final as (
    select
        {{ day }} as as_of_date,
        period,
        period_start,
        period_end,
        source,
        theme,
        label_en,
        label_ja,

        cast(speakers as bigint) as speakers,
        cast(case when is_published then n end as bigint) as n,
        cast(case when is_published then documents end as bigint) as documents,
        cast(case when negative_n >= {{ setting('minimum_group_size') }} then negative_n end as bigint) as negative_n,
        case when is_published then {{ rate('n', 'speakers') }} end as share,
        case when is_published then {{ wilson_bound(rate('n', 'speakers'), 'speakers', '-') }} end as share_low,
        case when is_published then {{ wilson_bound(rate('n', 'speakers'), 'speakers', '+') }} end as share_high,
        {% set shown = "is_published and elsewhere_n >= " ~ setting('minimum_group_size') -%}
        case when {{ shown }} then {{ lift('n', 'speakers', 'elsewhere_n', 'elsewhere_speakers') }} end as lift,
        case when {{ shown }} then {{ lift_bound('n', 'speakers', 'elsewhere_n', 'elsewhere_speakers', '-') }} end as lift_low,
        case when {{ shown }} then {{ lift_bound('n', 'speakers', 'elsewhere_n', 'elsewhere_speakers', '+') }} end as lift_high,

        is_published
    from compared
)

select * from final
