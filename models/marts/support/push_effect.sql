-- One row per as-of day and contact reason: whether customers who were reached beforehand then asked less often than the others.
-- Difference in differences: the month after a push less the month before it, pushed against not pushed, month by month.
{%- set day = as_of_date() %}
{%- set z = setting('interval_z', 'double') %}
with

touches as (
    select customer_id, action_id, {{ month_start('occurred_date') }} as month_start_date
    from {{ ref('fct_touch') }}
    where is_proactive and not is_missed and occurred_at < {{ as_of_instant() }}
),
contacts as (
    select customer_id, reason, {{ month_start('occurred_on') }} as month_start_date, cast(count(*) as bigint) as contacts
    from {{ ref('fct_interaction') }}
    where {{ stood_as_contact() }} and customer_id is not null and reason is not null and occurred_at < {{ as_of_instant() }}
    group by 1, 2, 3
),
work as (
    select reason, {{ exact_sum('minutes') }} / 60 as hours
    from {{ ref('fct_work_allocation') }}
    where
        source_kind in ('ticket', 'call') and demand_kind in ('customer', 'vendor_fault') and worked_at < {{ as_of_instant() }}
        and worked_on >= {{ months_before_as_of(setting('push_effect_months')) }}
    group by reason
),
spared as (select action, reason from {{ ref('cfg_push') }}),
reasons as (select distinct reason from spared),
known as (select {{ feed_known(['success_touches']) }} and {{ feed_known(['tickets', 'calls']) }} as has_feeds),

weighed as (select * from {{ ref('int_support__push_comparison') }}),

pushed as (
    select distinct touches.customer_id, touches.month_start_date, spared.reason
    from touches
    inner join spared on touches.action_id = spared.action
),

asked as (
    select reason, sum(contacts) as contacts
    from contacts
    where month_start_date >= {{ months_before_as_of(setting('push_effect_months')) }}
    group by reason
),

pushes as (
    select reason, cast(count(*) as bigint) as pushes
    from pushed
    where month_start_date >= {{ months_before_as_of(setting('push_effect_months')) }}
    group by reason
),

measured as (
    select
        reasons.reason,
        weighed.months,
        weighed.pushed_customers,
        weighed.other_customers,
        weighed.pushed_contacts_before,
        weighed.other_contacts_before,
        weighed.effect,
        weighed.effect_error,
        weighed.placebo,
        weighed.placebo_error,
        coalesce(
            weighed.pushed_customers >= {{ setting('minimum_group_size') }} and weighed.other_customers >= {{ setting('minimum_group_size') }}, false
        ) as is_measured,
        coalesce(pushes.pushes, 0) as pushes,
        {{ rate('work.hours', 'asked.contacts') }} as hours_per_contact
    from reasons
    left join weighed on reasons.reason = weighed.reason
    left join pushes on reasons.reason = pushes.reason
    left join work on reasons.reason = work.reason
    left join asked on reasons.reason = asked.reason
),

final as (
    select
        {{ day }} as as_of_date,
        measured.reason,

        case
            when not known.has_feeds then 'no_feed'
            when not measured.is_measured then 'too_few'
            when abs(measured.placebo) > {{ z }} * measured.placebo_error then 'not_comparable'
            when measured.effect + {{ z }} * measured.effect_error < 0 then 'fewer_contacts'
            when measured.effect - {{ z }} * measured.effect_error > 0 then 'more_contacts'
            else 'none_shown'
        end as finding,

        measured.months,
        measured.pushed_customers,
        measured.other_customers,
        case when known.has_feeds then measured.pushes end as pushes,
        case when measured.is_measured then measured.pushed_contacts_before end as pushed_contacts_before,
        case when measured.is_measured then measured.other_contacts_before end as other_contacts_before,
        case when measured.is_measured then -measured.effect end as avoided_per_push,
        case when measured.is_measured then -measured.effect - {{ z }} * measured.effect_error end as avoided_per_push_low,
        case when measured.is_measured then -measured.effect + {{ z }} * measured.effect_error end as avoided_per_push_high,
        case when measured.is_measured then -measured.placebo end as placebo_per_push,
        case when measured.is_measured then -measured.placebo - {{ z }} * measured.placebo_error end as placebo_per_push_low,
        case when measured.is_measured then -measured.placebo + {{ z }} * measured.placebo_error end as placebo_per_push_high,
        measured.hours_per_contact,
        {% for end, sign in [('', none), ('_low', '-'), ('_high', '+')] -%}
        case
            when measured.is_measured
                then measured.pushes * measured.hours_per_contact * (-measured.effect{% if sign %} {{ sign }} {{ z }} * measured.effect_error{% endif %})
        end as avoided_hours{{ end }}{{ ',' if not loop.last }}
        {% endfor %}
    from measured
    cross join known
)

select * from final
