-- One row per as-of day, theme and group: what leavers say, beside current customers, support contacts and social networks.
{%- set day = as_of_date() %}
{%- set window = setting('voice_window_days') %}
with

said as (select * from {{ themes_said() }} as themes),
themes as (select * from {{ ref('cfg_voc_taxonomy') }} where kind = 'theme'),
leavers as (select * from {{ ref('int_voice__leavers') }}),
staying as (select * from {{ ref('int_voice__staying') }}),
served as (select * from {{ ref('int_voice__tickets_by_theme') }}),

-- Leavers before their decision and current customers are asked alike: the same sources, as many days.
members as (
    select 'churned' as source_group, said.speaker, said.theme, said.is_negative, said.customer_id
    from said
    inner join leavers on said.customer_id = leavers.customer_id
    where said.source = 'cancellation' and said.occurred_on > {{ add_days(day, '-' ~ setting('churn_triangulation_days')) }}
    union all
    select 'churned_before' as source_group, said.speaker, said.theme, said.is_negative, said.customer_id
    from said
    inner join leavers on said.customer_id = leavers.customer_id
    where
        said.source <> 'cancellation'
        and said.occurred_on < leavers.decided_on
        and said.occurred_on >= {{ add_days('leavers.decided_on', '-' ~ window) }}
    union all
    select 'current' as source_group, said.speaker, said.theme, said.is_negative, said.customer_id
    from said
    inner join staying on said.customer_id = staying.customer_id
    where said.source <> 'cancellation' and said.occurred_on > {{ add_days(day, '-' ~ window) }}
    union all
    select source as source_group, speaker, theme, is_negative, customer_id
    from said
    where source in ('support', 'social') and occurred_on > {{ add_days(day, '-' ~ window) }}
),

groups as (
    select source_group, count(distinct speaker) as speakers
    from members
    group by source_group
),

counted as (
    select
        members.source_group,
        members.theme,
        count(distinct members.speaker) as n,
        count(distinct case when members.is_negative then members.speaker end) as negative_n
    from members
    where members.theme is not null
    group by 1, 2
),

lost as (
    select theme, cast(sum(mrr_lost_minor) as bigint) as mrr_lost_minor
    from (
        select distinct members.theme, leavers.customer_id, leavers.mrr_lost_minor
        from members
        inner join leavers on members.customer_id = leavers.customer_id
        where members.source_group = 'churned' and members.theme is not null
    ) as named
    group by theme
),

grid as (
    select
        groups.source_group,
        themes.reason as theme,
        themes.label_en,
        themes.label_ja,
        themes.department,
        themes.plan_en,
        themes.plan_ja,
        groups.speakers,
        coalesce(counted.n, 0) as n,
        coalesce(counted.negative_n, 0) as negative_n,
        lost.mrr_lost_minor
    from groups
    cross join themes
    left join counted on groups.source_group = counted.source_group and themes.reason = counted.theme
    left join lost on groups.source_group = 'churned' and themes.reason = lost.theme
),

compared as (
    select
        grid.*,
        max(case when source_group = 'current' then n end) over (partition by theme) as current_n,
        max(case when source_group = 'current' then speakers end) over (partition by theme) as current_speakers,
        n >= {{ setting('minimum_group_size') }} as is_published,
        served.tickets,
        served.reopened,
        served.long_waits,
        served.csat_good,
        served.csat_judged
    from grid
    left join served using (source_group, theme)
),

final as (
    select
        {{ day }} as as_of_date,
        theme,
        source_group,
        label_en,
        label_ja,
        department,
        plan_en,
        plan_ja,

        cast(speakers as bigint) as speakers,
        cast(case when is_published then n end as bigint) as n,
        cast(case when negative_n >= {{ setting('minimum_group_size') }} then negative_n end as bigint) as negative_n,
        case when is_published then {{ rate('n', 'speakers') }} end as share,
        case when is_published then {{ wilson_bound(rate('n', 'speakers'), 'speakers', '-') }} end as share_low,
        case when is_published then {{ wilson_bound(rate('n', 'speakers'), 'speakers', '+') }} end as share_high,
        {% set shown = "is_published and source_group <> 'current' and current_n >= " ~ setting('minimum_group_size') -%}
        case when {{ shown }} then {{ lift('n', 'speakers', 'current_n', 'current_speakers') }} end as lift,
        case when {{ shown }} then {{ lift_bound('n', 'speakers', 'current_n', 'current_speakers', '-') }} end as lift_low,
        case when {{ shown }} then {{ lift_bound('n', 'speakers', 'current_n', 'current_speakers', '+') }} end as lift_high,
        case when is_published then {{ reporting_amount('mrr_lost_minor') }} end as mrr_lost,
        {{ setting('reporting_currency', 'string') }} as currency,
        {{ published_rate('csat_good', 'csat_judged') }} as csat_rate,
        {{ published_rate('reopened', 'tickets') }} as reopen_rate,
        {{ published_rate('long_waits', 'tickets') }} as long_wait_rate,

        is_published,
        source_group = 'churned' and is_published and {{ rate('n', 'speakers') }} >= {{ setting('churn_common_theme_share', 'double') }} as is_common_theme
    from compared
)

select * from final
