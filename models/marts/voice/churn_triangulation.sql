-- One row per as-of day, theme and group: what leavers say, beside current customers, support contacts and social networks.
{%- set day = as_of_date() %}
{%- set window = setting('voice_window_days') %}
with

said as (select * from {{ themes_said() }} as themes),
themes as (select * from {{ ref('cfg_voc_taxonomy') }} where kind = 'theme'),
tickets as (select * from {{ ref('fct_ticket') }} where is_counted and created_at < {{ as_of_instant() }}),
surveys as (select * from {{ ref('fct_survey_response') }} where survey_kind = 'csat' and answered_at < {{ as_of_instant() }}),
terms as (select * from {{ ref('fct_subscription_interval') }} where mrr_minor > 0),

-- Who left for good, or has said so, within the window; the newest leaving of a customer counts.
leavers as (
    select
        customer_id,
        {{ business_date('coalesce(notice_at, ended_at)') }} as decided_on,
        mrr_lost_minor
    from (
        select
            *,
            row_number() over (partition by customer_id order by coalesce(notice_at, ended_at) desc, ended_at desc) as newest_first
        from {{ ref('fct_churn_event') }}
        where not is_pause and coalesce(notice_at, ended_at) < {{ as_of_instant() }}
    ) as churns
    where newest_first = 1 and {{ business_date('coalesce(notice_at, ended_at)') }} > {{ add_days(day, '-' ~ setting('churn_triangulation_days')) }}
),

staying as (
    select distinct terms.customer_id
    from terms
    left join leavers on terms.customer_id = leavers.customer_id
    where leavers.customer_id is null and {{ stood_before(as_of_instant(), 'terms.valid_from_at', 'terms.valid_to_at') }}
),

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

-- How the tickets on a theme went: for leavers in the time before they decided, for the others of late.
served as (
    select
        placed.source_group,
        reasons.theme,
        count(distinct tickets.ticket_id) as tickets,
        count(distinct case when tickets.first_reopened_at < {{ as_of_instant() }} then tickets.ticket_id end) as reopened,
        count(distinct case when tickets.is_long_wait and tickets.first_resolved_at < {{ as_of_instant() }} then tickets.ticket_id end) as long_waits,
        count(distinct case when surveys.is_good then surveys.response_id end) as csat_good,
        count(distinct case when surveys.is_good or surveys.is_bad then surveys.response_id end) as csat_judged
    from (
        select 'churned_before' as source_group, customer_id, {{ add_days('decided_on', '-' ~ window) }} as from_on, decided_on as to_on from leavers
        union all
        select 'current' as source_group, customer_id, {{ add_days(day, '1 - ' ~ window) }} as from_on, {{ add_days(day, 1) }} as to_on from staying
    ) as placed
    inner join tickets
        on placed.customer_id = tickets.customer_id and tickets.created_on >= placed.from_on and tickets.created_on < placed.to_on
    inner join {{ ref('cfg_voc_taxonomy') }} as reasons
        on tickets.reason = reasons.reason
        and reasons.kind = 'contact_reason'
        and reasons.theme is not null
        and reasons.reason <> {{ setting('cancellation_contact_reason', 'string') }}
    left join surveys on tickets.ticket_id = surveys.ticket_id
    group by 1, 2
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
