-- One row per customer that a person has judged by the as-of day: the executive's rating and whether it fits us.
{{ config(materialized='ephemeral') }}
with

judgements as (select * from {{ ref('stg_judgements') }} where rated_at < {{ as_of_instant() }}),
requests as (select * from {{ ref('stg_feature_requests') }} where judged_at < {{ as_of_instant() }}),

-- The newest judgement that still counts, whoever gave it.
judged as (
    select * from (
        select
            customer_id,
            judgement_kind,
            judgement_value,
            rating,
            row_number() over (partition by customer_id, judgement_kind order by rated_at desc, rater) as from_newest
        from judgements
        where expires_at is null or expires_at >= {{ as_of_instant() }}
    ) as ranked
    where from_newest = 1
),

judgement as (
    select
        customer_id,
        max(case when judgement_kind = 'executive' then rating end) as executive_rating,
        max(case when judgement_kind = 'fit' then lower(trim(judgement_value)) end) as fit_judgement
    from judged
    group by customer_id
),

requested as (
    select * from (
        select
            customer_id,
            fit_judgement,
            row_number() over (partition by customer_id order by judged_at desc, request_id) as from_newest
        from requests
    ) as ranked
    where from_newest = 1
),

final as (
    select
        coalesce(judgement.customer_id, requested.customer_id) as customer_id,

        coalesce(judgement.fit_judgement, requested.fit_judgement) as fit_judgement,
        judgement.executive_rating
    from judgement
    full outer join (select * from requested where customer_id is not null) as requested
        on judgement.customer_id = requested.customer_id
)

select * from final
