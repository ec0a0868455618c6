-- One row per as-of day and customer: what it says, how long it has said nothing, and whether its silence is healthy.
{%- set day = as_of_date() %}
with

heard as (select * from {{ ref('int_voice__heard') }}),
satisfaction as (select * from {{ ref('mart_customer_satisfaction') }} where as_of_date = {{ day }}),
usage as (select * from {{ ref('mart_usage') }} where as_of_date = {{ day }}),
said as (select * from {{ ref('mart_customer_signals') }} where as_of_date = {{ day }}),

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
