-- One row per as-of day and customer: what it says, how long it has said nothing, and whether its silence is healthy.
{%- set day = as_of_date() %}
{%- set since = add_days(day, '-' ~ setting('voice_window_days')) %}
with

customers as (
    select customer_id, {{ business_date('signed_up_at') }} as signed_up_on
    from {{ ref('stg_customers') }}
    where not is_test and signed_up_at < {{ as_of_instant() }}
),

satisfaction as (select * from {{ ref('mart_customer_satisfaction') }} where as_of_date = {{ day }}),
usage as (select * from {{ ref('mart_usage') }} where as_of_date = {{ day }}),
contacts as (select * from {{ ref('fct_interaction') }} where is_contact and occurred_at < {{ as_of_instant() }}),
touches as (select * from {{ ref('fct_touch') }} where not is_missed and occurred_at < {{ as_of_instant() }}),
posts as (select * from {{ ref('stg_community_posts') }} where posted_at < {{ as_of_instant() }}),
requests as (select * from {{ ref('stg_feature_requests') }} where created_at < {{ as_of_instant() }}),
terms as (select * from {{ ref('fct_subscription_interval') }}),
users as (select * from {{ ref('stg_users') }}),
feeds as (select * from {{ ref('stg_feeds') }} where has_rows and first_event_at < {{ as_of_instant() }}),

-- Texts as they were read for this day; marks of people as they were made.
signals as (
    {%- for read, condition in [('int_voice__signals', 'scored_on = ' ~ day), ('int_voice__marks', 'true')] %}
    select document_id, customer_id, signal, value, method, polarity, modality, is_chosen
    from {{ ref(read) }}
    where
        {{ condition }} and customer_id is not null
        and occurred_at < {{ as_of_instant() }} and {{ business_date('occurred_at') }} > {{ since }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

known as (
    select
        min(case when feed in ('tickets', 'calls') then {{ business_date('first_event_at') }} end) as support_from,
        max(case when feed = 'community_posts' then 1 else 0 end) = 1 as has_community
    from feeds
),

contacted as (select customer_id, max(occurred_on) as last_contact_on from contacts group by customer_id),

touched as (select customer_id, max(occurred_date) as last_touch_on from touches group by customer_id),

posted as (
    select
        coalesce(posts.customer_id, users.customer_id) as customer_id,
        max({{ business_date('posts.posted_at') }}) as last_post_on
    from posts
    left join users on posts.user_id = users.user_id
    where not {{ is_staff('posts.author_role') }}
    group by 1
),

paying as (
    select distinct customer_id
    from terms
    where mrr_minor > 0 and {{ stood_before(as_of_instant(), 'valid_from_at', 'valid_to_at') }}
),

said as (
    select
        customer_id,
        {%- for column, condition in {
            'complaints': "signal = 'voc_type' and value = 'complaint'",
            'praises': "signal = 'voc_type' and value = 'praise'",
            'wishes': "signal = 'voc_type' and value = 'wish'",
            'unmet_needs': "signal = 'voc_type' and value in ('cannot_use', 'unsolved')",
            'unexpected_uses': "signal = 'voc_type' and value = 'unexpected_use'",
            'upsell_signals': "signal = 'upsell'",
            'dissatisfied_texts': "method != 'survey' and (signal = 'dissatisfaction' or signal = 'voc_type' and value = 'complaint')",
            'explicit_texts': "signal = 'dissatisfaction' and value = 'explicit'",
        }.items() %}
        cast(count(distinct case when {{ condition }} then document_id end) as bigint) as {{ column }},
        {%- endfor %}
        cast(max(case
            when signal = 'churn_reason' and method = 'survey' then 1.0
            when signal = 'churn_intent' and modality = 'asserted' and value = 'request' then 1.0
            when signal = 'churn_intent' and modality = 'asserted' and value = 'considering' then {{ setting('churn_considering_strength', 'double') }}
            when signal = 'churn_intent' and value = 'procedure' then {{ setting('churn_procedure_strength', 'double') }}
        end) as double) as churn_intent
    from signals
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

-- Quiet for N days can only be said of who was there, and heard, for N days.
heard as (
    select
        customers.customer_id,
        contacted.last_contact_on,
        touched.last_touch_on,
        posted.last_post_on,
        known.has_community,
        paying.customer_id is not null as is_paying,
        case
            when known.support_from is null or known.support_from > {{ add_days(day, '-' ~ setting('silent_days')) }} then null
            else {{ days_between('customers.signed_up_on', day) }} >= {{ setting('silent_days') }}
                and coalesce({{ days_between('contacted.last_contact_on', day) }} >= {{ setting('silent_days') }}, true)
                and coalesce(satisfaction.days_since_survey >= {{ setting('silent_days') }}, true)
        end as is_quiet
    from customers
    cross join known
    left join satisfaction using (customer_id)
    left join contacted using (customer_id)
    left join touched using (customer_id)
    left join posted using (customer_id)
    left join paying using (customer_id)
),

judged as (
    select
        heard.*,
        heard.is_paying and heard.is_quiet as is_silent,
        coalesce(usage.is_fading or usage.active_days_28d = 0, false) as is_usage_down,
        usage.usage_z is not null or coalesce(usage.active_days_28d = 0, false) as is_usage_known,
        case when heard.is_paying and usage.is_fading then 'usage_below_baseline' end as usage_rule,
        case when heard.is_paying and (satisfaction.last_csat_bad or satisfaction.last_nps_bad) then 'bad_survey' end as survey_rule,
        case when heard.is_paying and heard.is_quiet then 'no_survey_no_contact' end as quiet_rule,
        cast(case when satisfaction.last_csat_bad then 1 else 0 end as bigint)
        + cast(case when satisfaction.last_nps_bad then 1 else 0 end as bigint)
        + cast(case when satisfaction.last_ces_bad then 1 else 0 end as bigint)
        + cast(case when said.dissatisfied_texts > 0 then 1 else 0 end as bigint)
        + cast(case when said.churn_intent > 0 then 1 else 0 end as bigint) as dissatisfaction_evidence
    from heard
    left join usage using (customer_id)
    left join satisfaction using (customer_id)
    left join said using (customer_id)
),

final as (
    select
        {{ day }} as as_of_date,
        judged.customer_id,

        themes.themes,
        case
            when judged.is_silent is null then null
            when not judged.is_silent then 'not_silent'
            when not judged.is_usage_known then 'unknown'
            when judged.is_usage_down then 'fading_silent'
            else 'healthy_silent'
        end as silence,
        nullif(concat_ws(', ', judged.usage_rule, judged.survey_rule, judged.quiet_rule), '') as hidden_rule,

        satisfaction.csat_rate,
        satisfaction.nps,
        satisfaction.response_rate,
        judged.dissatisfaction_evidence,
        coalesce(said.churn_intent, 0.0) as churn_intent,
        {%- for column in ['complaints', 'praises', 'wishes', 'unmet_needs', 'unexpected_uses', 'upsell_signals'] %}
        coalesce(said.{{ column }}, 0) as {{ column }},
        {%- endfor %}
        coalesce(asked_for.open_requests, 0) as open_requests,
        usage.usage_z,
        satisfaction.days_since_survey,
        {{ days_between('judged.last_contact_on', day) }} as days_since_contact,
        {{ days_between('judged.last_touch_on', day) }} as days_since_touch,

        judged.is_paying,
        judged.is_silent,
        judged.dissatisfaction_evidence >= 2 or coalesce(said.explicit_texts > 0, false) as is_dissatisfied,
        judged.usage_rule is not null or judged.survey_rule is not null or judged.quiet_rule is not null as hidden_dissatisfaction,
        satisfaction.last_csat_bad,
        satisfaction.last_nps_bad,
        satisfaction.survey_due,
        case
            when judged.has_community
                then coalesce({{ days_between('judged.last_post_on', day) }} < {{ setting('community_member_days') }}, false)
        end as is_community_member,

        judged.last_contact_on,
        judged.last_touch_on
    from judged
    left join satisfaction using (customer_id)
    left join usage using (customer_id)
    left join said using (customer_id)
    left join themes using (customer_id)
    left join asked_for using (customer_id)
)

select * from final
