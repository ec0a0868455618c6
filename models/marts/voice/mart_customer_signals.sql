-- One row per as-of day and customer: what it said lately, in numbers.
{%- set day = as_of_date() %}
{%- set since = add_days(day, '-' ~ setting('voice_window_days')) %}
{%- set counts = {
    'complaints': "signal = 'voc_type' and value = 'complaint'",
    'praises': "signal = 'voc_type' and value = 'praise'",
    'wishes': "signal = 'voc_type' and value = 'wish'",
    'unmet_needs': "signal = 'voc_type' and value in ('cannot_use', 'unsolved')",
    'unexpected_uses': "signal = 'voc_type' and value = 'unexpected_use'",
    'upsell_signals': "signal = 'upsell'",
    'dissatisfied_texts': "method <> 'survey' and (signal = 'dissatisfaction' or signal = 'voc_type' and value = 'complaint')",
    'explicit_texts': "signal = 'dissatisfaction' and value = 'explicit'",
} %}
with

customers as (select customer_id from {{ ref('stg_customers') }} where not is_test and signed_up_at < {{ as_of_instant() }}),
requests as (select * from {{ ref('stg_feature_requests') }} where created_at < {{ as_of_instant() }}),

-- Without any feed in which somebody could speak, nothing said is unknown and not 0.
known as (
    select
        max(case when feed <> 'feature_requests' then 1 else 0 end) = 1 as has_voice,
        max(case when feed = 'feature_requests' then 1 else 0 end) = 1 as has_requests
    from {{ ref('stg_feeds') }}
    where
        feed in ('tickets', 'survey_responses', 'community_posts', 'social_mentions', 'feature_requests')
        and has_rows and first_event_at < {{ as_of_instant() }}
),

signals as (
    select *, {{ days_between('occurred_on', day) }} as days_ago
    from {{ signals_said() }} as said
    where customer_id is not null and occurred_on > {{ since }}
),

-- What was good after a bad word takes its edge off: from then on it is one sign of dissatisfaction among others.
pleased as (
    select customer_id, max(occurred_on) as last_pleased_on
    from signals
    where signal = 'satisfaction' or signal = 'voc_type' and value = 'praise'
    group by customer_id
),

-- What was said fades: half as strong after so many days.
faded as (
    select
        signals.*,
        {% for name, kind in [('explicit', 'dissatisfaction_explicit'), ('text', 'dissatisfaction'), ('intent', 'churn_intent')] -%}
        power(0.5, signals.days_ago / {{ setting(kind ~ '_half_life_days', 'double') }}) as {{ name }}_left,
        {% endfor -%}
        pleased.last_pleased_on >= signals.occurred_on as is_followed_by_praise
    from signals
    left join pleased on signals.customer_id = pleased.customer_id
),

said as (
    select
        customer_id,
        {%- for column, condition in counts.items() %}
        cast(count(distinct case when {{ condition }} then document_id end) as bigint) as {{ column }},
        {%- endfor %}
        cast(max(case
            when signal = 'churn_reason' and method = 'survey' then 1.0
            when signal = 'churn_intent' and modality = 'asserted' and value = 'request' then 1.0
            when signal = 'churn_intent' and modality = 'asserted' and value = 'considering' then {{ setting('churn_considering_strength', 'double') }}
            when signal = 'churn_intent' and modality in ('asserted', 'question') and value = 'procedure' then {{ setting('churn_procedure_strength', 'double') }}
        end * intent_left) as double) as churn_intent,
        cast(max(case when {{ counts['explicit_texts'] }} and not coalesce(is_followed_by_praise, false) then explicit_left end) as double)
            as explicit_strength,
        cast(max(case when {{ counts['dissatisfied_texts'] }} then text_left end) as double) as dissatisfied_strength
    from faded
    group by customer_id
),

ranked_themes as (
    select
        customer_id,
        value as theme,
        row_number() over (partition by customer_id order by count(distinct document_id) desc, value) as theme_rank
    from signals
    where signal = 'contact_reason' and is_chosen and value not in ('unclassified', 'unsupported_lang')
    group by customer_id, value
),

themes as (
    select
        customer_id,
        concat_ws(
            ', ', max(case when theme_rank = 1 then theme end), max(case when theme_rank = 2 then theme end),
            max(case when theme_rank = 3 then theme end)
        ) as themes
    from ranked_themes
    group by customer_id
),

asked_for as (
    select customer_id, cast(count(*) as bigint) as open_requests
    from requests
    where shipped_at is null or shipped_at >= {{ as_of_instant() }}
    group by customer_id
),

final as (
    select
        {{ day }} as as_of_date,
        customers.customer_id,

        themes.themes,

        {%- for column in ['churn_intent', 'explicit_strength', 'dissatisfied_strength'] + counts | list %}
        case when known.has_voice or known.has_requests then coalesce(said.{{ column }}, 0) end as {{ column }},
        {%- endfor %}
        case when known.has_requests then coalesce(asked_for.open_requests, 0) end as open_requests
    from customers
    cross join known
    left join said using (customer_id)
    left join themes using (customer_id)
    left join asked_for using (customer_id)
)

select * from final
