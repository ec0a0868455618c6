-- One row per customer that pays on the as-of day and is no leaver.
{{ config(materialized='ephemeral') }}
with

terms as (select * from {{ ref('fct_subscription_interval') }} where mrr_minor > 0),
leavers as (select * from {{ ref('int_voice__leavers') }}),

final as (
    select distinct terms.customer_id
    from terms
    left join leavers on terms.customer_id = leavers.customer_id
    where leavers.customer_id is null and {{ stood_before(as_of_instant(), 'terms.valid_from_at', 'terms.valid_to_at') }}
)

select * from final
