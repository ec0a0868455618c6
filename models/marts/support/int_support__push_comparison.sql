-- One row per contact reason: customers who were reached beforehand beside those who were not, before and after, over the same months.
{{ config(materialized='ephemeral') }}
{%- set day = as_of_date() %}
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
spared as (select action, reason from {{ ref('cfg_push') }}),
reasons as (select distinct reason from spared),

-- Whole months that had ended by the day, and that a customer paid through.
paid as (
    select customer_id, month_start_date
    from {{ ref('fct_customer_month') }}
    where is_paying and is_complete and {{ add_months('month_start_date', 1) }} <= {{ add_days(day, 1) }}
),

-- A customer can be compared in the month of a push if it paid from two months before to one month after.
panel as (
    select paid.customer_id, paid.month_start_date, reasons.reason
    from paid
    inner join paid as earliest
        on paid.customer_id = earliest.customer_id and earliest.month_start_date = {{ add_months('paid.month_start_date', -2) }}
    inner join paid as earlier
        on paid.customer_id = earlier.customer_id and earlier.month_start_date = {{ add_months('paid.month_start_date', -1) }}
    inner join paid as later
        on paid.customer_id = later.customer_id and later.month_start_date = {{ add_months('paid.month_start_date', 1) }}
    cross join reasons
    where paid.month_start_date >= {{ months_before_as_of(setting('push_effect_months')) }}
),

pushed as (
    select distinct touches.customer_id, touches.month_start_date, spared.reason
    from touches
    inner join spared on touches.action_id = spared.action
),

-- Who had been pushed the month before is on neither side: the effect may still be there.
compared as (
    select
        panel.reason,
        panel.month_start_date,
        pushed.customer_id is not null as is_pushed,
        coalesce(after.contacts, 0) - coalesce(before.contacts, 0) as change,
        coalesce(before.contacts, 0) - coalesce(long_before.contacts, 0) as change_before,
        coalesce(before.contacts, 0) as contacts_before
    from panel
    left join pushed
        on panel.customer_id = pushed.customer_id and panel.reason = pushed.reason and panel.month_start_date = pushed.month_start_date
    left join pushed as lately
        on panel.customer_id = lately.customer_id and panel.reason = lately.reason
        and lately.month_start_date = {{ add_months('panel.month_start_date', -1) }}
    {% for name, months in [('after', 1), ('before', -1), ('long_before', -2)] -%}
    left join contacts as {{ name }}
        on panel.customer_id = {{ name }}.customer_id and panel.reason = {{ name }}.reason
        and {{ name }}.month_start_date = {{ add_months('panel.month_start_date', months) }}
    {% endfor -%}
    where lately.customer_id is null
),

sides as (
    select
        reason,
        month_start_date,
        {% for side, condition in [('pushed', 'is_pushed'), ('others', 'not is_pushed')] -%}
        count(case when {{ condition }} then 1 end) as {{ side }},
        avg(case when {{ condition }} then cast(contacts_before as double) end) as {{ side }}_before,
        {% for change in ['change', 'change_before'] -%}
        avg(case when {{ condition }} then cast({{ change }} as double) end) as {{ side }}_{{ change }},
        var_samp(case when {{ condition }} then cast({{ change }} as double) end) as {{ side }}_{{ change }}_variance{{ ',' if not (loop.last and side == 'others') }}
        {% endfor -%}
        {% endfor %}
    from compared
    group by reason, month_start_date
),

-- Months weigh by the customers that were pushed in them.
final as (
    select
        reason,
        cast(count(*) as bigint) as months,
        cast(sum(pushed) as bigint) as pushed_customers,
        cast(sum(others) as bigint) as other_customers,
        sum(pushed * pushed_before) / sum(pushed) as pushed_contacts_before,
        sum(pushed * others_before) / sum(pushed) as other_contacts_before,
        {% for name, change in [('effect', 'change'), ('placebo', 'change_before')] -%}
        sum(pushed * (pushed_{{ change }} - others_{{ change }})) / sum(pushed) as {{ name }},
        sqrt(sum(cast(pushed as double) * pushed * (pushed_{{ change }}_variance / pushed + others_{{ change }}_variance / others)))
        / sum(pushed) as {{ name }}_error{{ ',' if not loop.last }}
        {% endfor %}
    from sides
    where pushed >= 2 and others >= 2
    group by reason
)

select * from final
