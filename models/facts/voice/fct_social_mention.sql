-- One row per mention of the product in a public network: what it says, how soon it was answered in public and settled.
-- A view, because fct_voc_signal is one.
{{ config(materialized='view') }}

with

mentions as (select * from {{ ref('stg_social_mentions') }}),
customers as (select * from {{ ref('stg_customers') }}),
signals as (select * from {{ ref('fct_voc_signal') }} where source = 'social'),

-- What nobody read, or could read, is neither a complaint nor none.
judged as (
    select
        document_id,
        max(case when signal = 'voc_type' and value = 'complaint' then 1 else 0 end) = 1 as is_complaint,
        max(case when signal = 'voc_type' and value = 'praise' then 1 else 0 end) = 1 as is_praise
    from signals
    group by document_id
    having max(case when value = 'unsupported_lang' then 1 else 0 end) = 0
),

final as (
    select
        mentions.mention_id,
        mentions.customer_id,

        mentions.network,

        cast({{ epoch_seconds('mentions.replied_publicly_at') }} - {{ epoch_seconds('mentions.posted_at') }} as double) / 3600 as reply_hours,
        cast({{ epoch_seconds('mentions.resolved_at') }} - {{ epoch_seconds('mentions.posted_at') }} as double) / 3600 as resolution_hours,

        judged.is_complaint,
        judged.is_praise,
        mentions.replied_publicly_at is not null as is_replied_publicly,

        mentions.posted_at,
        mentions.replied_publicly_at,
        mentions.resolved_at,
        mentions._loaded_at as loaded_at
    from mentions
    left join judged on concat('social:', mentions.mention_id) = judged.document_id
    left join customers on mentions.customer_id = customers.customer_id
    where not coalesce(customers.is_test, false)
)

select * from final
