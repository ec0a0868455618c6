-- One row per as-of day, customer and kind of sign that it wants more: what shows it, and what has become of it.
{%- set day = as_of_date() %}
with

customers as (select * from {{ ref('mart_customer_value') }} where as_of_date = {{ day }}),
said as (
    select * from {{ signals_said() }} as signals
    where signal = 'upsell' and customer_id is not null and occurred_on > {{ add_days(day, '-' ~ setting('voice_window_days')) }}
),
usage_days as (
    select usage.*
    from {{ ref('int_usage__user_feature_day') }} as usage
    inner join {{ ref('cfg_usage_event') }} as meanings on usage.event_name = meanings.event_name and meanings.is_upgrade_intent
    where usage.activity_date <= {{ day }} and usage.activity_date > {{ add_days(day, '-' ~ setting('voice_window_days')) }}
),
usage as (select * from {{ ref('mart_usage') }} where as_of_date = {{ day }}),
terms as (select * from {{ ref('fct_subscription_interval') }} where valid_from_at < {{ as_of_instant() }}),
touches as (select * from {{ ref('fct_touch') }} where occurred_at < {{ as_of_instant() }} and not is_missed),

signs as (
    select
        customer_id,
        'text' as source,
        value as kind,
        cast(count(distinct document_id) as bigint) as signs,
        min(occurred_on) as first_seen_on,
        max(occurred_on) as last_seen_on
    from said
    group by customer_id, value
    union all
    select
        customer_id,
        'usage' as source,
        event_name as kind,
        cast(count(distinct activity_date) as bigint) as signs,
        min(activity_date) as first_seen_on,
        max(activity_date) as last_seen_on
    from usage_days
    where customer_id is not null
    group by customer_id, event_name
    union all
    select
        customer_id,
        'seats' as source,
        'seats_used_up' as kind,
        active_users_28d as signs,
        {{ day }} as first_seen_on,
        {{ day }} as last_seen_on
    from usage
    where utilisation_rate >= {{ setting('upsell_utilisation_from', 'double') }} and paid_seats >= {{ setting('upsell_min_seats') }}
),

-- The newest text behind a sign, by which it can be read again.
texts as (
    select customer_id, value as kind, document_id, evidence_rule
    from (
        select
            *,
            row_number() over (partition by customer_id, value order by occurred_at desc, document_id, evidence_rule) as newest_first
        from said
    ) as ranked
    where newest_first = 1
),

-- More is bought when the terms of a customer who paid before are worth more from a day on.
bought as (
    select signs.customer_id, signs.source, signs.kind, min({{ business_date('terms.valid_from_at') }}) as bought_on
    from signs
    inner join terms
        on signs.customer_id = terms.customer_id and terms.mrr_change_minor > 0
        and terms.change_reason not in ('started', 'trial_started', 'trial_converted', 'restarted', 'resumed', 'payment_recovered')
        and {{ business_date('terms.valid_from_at') }} >= signs.first_seen_on
    group by signs.customer_id, signs.source, signs.kind
),

touched as (
    select signs.customer_id, signs.source, signs.kind, min(touches.occurred_date) as touched_on
    from signs
    inner join touches on signs.customer_id = touches.customer_id and touches.occurred_date >= signs.first_seen_on
    group by signs.customer_id, signs.source, signs.kind
),

final as (
    select
        {{ day }} as as_of_date,
        signs.customer_id,
        signs.source,
        signs.kind,

        case
            when bought.bought_on is not null then 'expanded'
            when not customers.is_paying then 'not_paying'
            when touched.touched_on is not null then 'contacted'
            else 'open'
        end as status,
        case signs.source
            when 'text' then concat(texts.document_id, coalesce(concat(' · ', texts.evidence_rule), ''))
            when 'usage' then concat(signs.kind, ' · ', cast(signs.signs as string), ' d')
            else concat(cast(usage.active_users_28d as string), ' / ', cast(usage.paid_seats as string))
        end as evidence,

        signs.signs,

        signs.first_seen_on,
        signs.last_seen_on,
        case when bought.bought_on is not null then bought.bought_on when customers.is_paying then touched.touched_on end as status_on
    from signs
    inner join customers using (customer_id)
    left join usage using (customer_id)
    left join texts on signs.source = 'text' and signs.customer_id = texts.customer_id and signs.kind = texts.kind
    left join bought on signs.customer_id = bought.customer_id and signs.source = bought.source and signs.kind = bought.kind
    left join touched on signs.customer_id = touched.customer_id and signs.source = touched.source and signs.kind = touched.kind
)

select * from final
