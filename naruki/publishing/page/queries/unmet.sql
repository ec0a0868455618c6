-- One row per kind of need and reason: what customers could not do, still wait for or wish, and the revenue of those who say so.
with

recent as (
    select * from fct_voc_signal
    where
        is_chosen
        and business_day(occurred_at) <= $as_of_date
        and business_day(occurred_at) > $as_of_date - $voice_days
),

needs as (
    select distinct document_id, customer_id, value as need
    from recent
    where signal = 'voc_type' and value in ('cannot_use', 'unsolved', 'unexpected_use', 'wish')
),

reasons as (select document_id, min(value) as reason from recent where signal = 'contact_reason' group by document_id),

spoken as (
    select
        needs.*,
        coalesce(reasons.reason, 'unclassified') as reason
    from needs
    left join reasons on needs.document_id = reasons.document_id
),

voices as (select need, reason, customer_id, count(*) as texts from spoken group by need, reason, customer_id)

select
    voices.need,
    any_value(needs.label_en) as need_en,
    any_value(needs.label_ja) as need_ja,
    any_value(coalesce(reasons.label_en, voices.reason)) as reason_en,
    any_value(coalesce(reasons.label_ja, voices.reason)) as reason_ja,
    sum(voices.texts) as texts,
    count(voices.customer_id) as customers,
    sum(amounts.mrr) as mrr
from voices
left join mart_customer_value_current as amounts on voices.customer_id = amounts.customer_id
left join policy.cfg_voc_taxonomy as needs on voices.need = needs.reason and needs.kind = 'voc_type'
left join policy.cfg_voc_taxonomy as reasons on voices.reason = reasons.reason and reasons.kind = 'contact_reason'
group by voices.need, voices.reason
having sum(voices.texts) >= $minimum_n
order by texts desc, voices.need, voices.reason
