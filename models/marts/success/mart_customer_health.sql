-- One row per as-of day and paying customer: its health from the parts that are known, and how much of it is known.
{%- set day = as_of_date() %}
{%- set names = ['usage', 'adoption', 'satisfaction', 'waits', 'intent', 'commitment'] %}
with

customers as (select * from {{ ref('mart_customer_value') }} where as_of_date = {{ day }} and is_paying),
usage as (select * from {{ ref('mart_usage') }} where as_of_date = {{ day }}),
satisfaction as (select * from {{ ref('mart_customer_satisfaction') }} where as_of_date = {{ day }}),
voice as (select * from {{ ref('mart_customer_voice') }} where as_of_date = {{ day }}),
tickets as (
    select * from {{ ref('fct_ticket') }}
    where is_counted and is_inbound and first_resolved_at < {{ as_of_instant() }}
),
parts as (select * from {{ ref('cfg_health_part') }}),

waits as (
    select customer_id, {{ rate('count(case when is_long_wait then 1 end)', 'count(is_long_wait)') }} as long_wait_rate
    from tickets
    where {{ business_date('first_resolved_at') }} >= {{ months_before_as_of(12) }}
    group by customer_id
),

measured as (
    select
        customers.customer_id,
        usage.usage_z as usage_value,
        usage.utilisation_rate as adoption_value,
        case
            when satisfaction.last_csat_score is null then satisfaction.last_nps_score / 10
            when satisfaction.last_nps_score is null then satisfaction.last_csat_score
            else (satisfaction.last_csat_score + satisfaction.last_nps_score / 10) / 2
        end as satisfaction_value,
        waits.long_wait_rate as waits_value,
        -- Who said nothing lately has not said that it stays.
        case
            when least(voice.days_since_contact, voice.days_since_survey) <= {{ setting('voice_window_days') }} then voice.churn_intent
        end as intent_value,
        case when customers.lifecycle_stage = 'at_risk' then 0.0 when customers.lifecycle_stage is not null then 1.0 end as commitment_value
    from customers
    left join usage using (customer_id)
    left join satisfaction using (customer_id)
    left join voice using (customer_id)
    left join waits using (customer_id)
),

listed as (
    {% for name in names %}
    select customer_id, '{{ name }}' as part, cast({{ name }}_value as double) as part_value from measured
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

scored as (
    select
        listed.customer_id,
        listed.part,
        parts.weight,
        least(1.0, greatest(0.0, (listed.part_value - parts.worst) / nullif(parts.best - parts.worst, 0))) as part_score,
        listed.part_value is not null as is_known
    from listed
    inner join parts on listed.part = parts.part
),

-- What is not known takes no part in the score, so that silence of a feed never looks like bad health.
weighed as (
    select
        customer_id,
        {{ exact_sum('case when is_known then weight * part_score else 0 end') }} as score_numerator,
        {{ exact_sum('case when is_known then weight else 0 end') }} as known_weight,
        {{ exact_sum('weight') }} as total_weight,
        cast(count(case when is_known then 1 end) as bigint) as parts_known,
        {% for name in names %}
        max(case when part = '{{ name }}' and is_known then part_score end) as {{ name }}_score{{ ',' if not loop.last }}
        {% endfor %}
    from scored
    group by customer_id
),

weakest as (
    select customer_id, part
    from (
        select
            customer_id,
            part,
            row_number() over (partition by customer_id order by weight * (1 - part_score) desc, part) as from_weakest
        from scored
        where is_known and part_score < 1
    ) as ranked
    where from_weakest = 1
),

final as (
    select
        {{ day }} as as_of_date,
        weighed.customer_id,

        case
            when {{ rate('weighed.known_weight', 'weighed.total_weight') }} < {{ setting('health_min_coverage', 'double') }} then 'unknown'
            when weighed.known_weight = 0 then 'unknown'
            when weighed.score_numerator / weighed.known_weight < {{ setting('health_poor_below', 'double') }} then 'poor'
            when weighed.score_numerator / weighed.known_weight < {{ setting('health_good_from', 'double') }} then 'watch'
            else 'good'
        end as health,
        weakest.part as weakest_part,

        round({{ rate('weighed.score_numerator', 'weighed.known_weight') }}, 6) as health_score,
        weighed.score_numerator as health_score_numerator,
        weighed.known_weight as health_score_denominator,
        round({{ rate('weighed.known_weight', 'weighed.total_weight') }}, 6) as coverage_share,
        weighed.parts_known,
        {% for name in names %}
        round(weighed.{{ name }}_score, 6) as {{ name }}_score{{ ',' if not loop.last }}
        {% endfor %}
    from weighed
    left join weakest using (customer_id)
)

select * from final
