-- One row per as-of day and customer: what it says, how long it has said nothing, and whether its silence is healthy.
{%- set day = as_of_date() %}
with

customers as (
    select customer_id, {{ business_date('signed_up_at') }} as signed_up_on
    from {{ ref('stg_customers') }}
    where not is_test and signed_up_at < {{ as_of_instant() }}
),

satisfaction as (select * from {{ ref('mart_customer_satisfaction') }} where as_of_date = {{ day }}),
usage as (select * from {{ ref('mart_usage') }} where as_of_date = {{ day }}),
said as (select * from {{ ref('mart_customer_signals') }} where as_of_date = {{ day }}),
contacts as (select * from {{ ref('fct_interaction') }} where is_contact and occurred_at < {{ as_of_instant() }}),
touches as (select * from {{ ref('fct_touch') }} where not is_missed and occurred_at < {{ as_of_instant() }}),
posts as (select * from {{ ref('stg_community_posts') }} where posted_at < {{ as_of_instant() }}),
terms as (select * from {{ ref('fct_subscription_interval') }}),
users as (select * from {{ ref('stg_users') }}),
feeds as (select * from {{ ref('stg_feeds') }} where has_rows and first_event_at < {{ as_of_instant() }}),

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
        + cast(case when said.churn_intent > 0 then 1 else 0 end as bigint) as dissatisfaction_evidence,
        -- One explicit phrase that is fresh weighs as much as two other kinds of evidence.
        least(1.0, greatest(
            coalesce(said.explicit_strength, 0),
            {{ setting('dissatisfaction_kind_strength', 'double') }} * coalesce(said.dissatisfied_strength, 0)
        )
        {%- for kind in ['csat', 'nps', 'ces'] %}
        + {{ setting('dissatisfaction_kind_strength', 'double') }} * case
            when satisfaction.last_{{ kind }}_bad
                then power(0.5, {{ days_between('satisfaction.last_' ~ kind ~ '_on', day) }} / {{ setting('dissatisfaction_half_life_days', 'double') }})
            else 0
        end
        {%- endfor %}
        + case when said.churn_intent > 0 then {{ setting('dissatisfaction_kind_strength', 'double') }} * said.churn_intent else 0 end) as dissatisfaction
    from heard
    left join usage using (customer_id)
    left join satisfaction using (customer_id)
    left join said using (customer_id)
),

final as (
    select
        {{ day }} as as_of_date,
        judged.customer_id,

        said.themes,
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
        case when said.explicit_texts is not null then judged.dissatisfaction end as dissatisfaction,
        {%- for column in ['churn_intent', 'complaints', 'praises', 'wishes', 'unmet_needs', 'unexpected_uses', 'upsell_signals', 'open_requests'] %}
        said.{{ column }},
        {%- endfor %}
        usage.usage_z,
        satisfaction.days_since_survey,
        {{ days_between('judged.last_contact_on', day) }} as days_since_contact,
        {{ days_between('judged.last_touch_on', day) }} as days_since_touch,

        judged.is_paying,
        judged.is_silent,
        case when said.explicit_texts is not null then judged.dissatisfaction >= {{ setting('dissatisfaction_threshold', 'double') }} end as is_dissatisfied,
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
)

select * from final
