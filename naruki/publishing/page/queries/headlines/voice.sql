-- One row: what texts complain about most, over all sources.
with

recent as (
    select * from fct_voc_signal
    where
        is_chosen
        and business_day(occurred_at) <= $as_of_date
        and business_day(occurred_at) > $as_of_date - $voice_days
),

complaining as (
    select distinct document_id
    from recent
    where polarity = 'complaint' or signal = 'dissatisfaction' or (signal = 'voc_type' and value in ('complaint', 'cannot_use', 'unsolved'))
),

spoken as (
    select distinct
        recent.document_id,
        recent.customer_id,
        topics.label_en,
        topics.label_ja
    from recent
    inner join complaining on recent.document_id = complaining.document_id
    inner join policy.cfg_voc_taxonomy as topics on recent.signal = topics.kind and recent.value = topics.reason
    where recent.signal in ('contact_reason', 'churn_reason') and topics.theme is not null
),

-- Where complaints are too few, the most frequent reason of contacts is told instead.
contacts as (
    select
        reasons.reason,
        any_value(labels.label_en) as label_en,
        any_value(labels.label_ja) as label_ja,
        sum(reasons.contacts) as contacts
    from contact_reasons_current as reasons
    inner join policy.cfg_voc_taxonomy as labels on reasons.reason = labels.reason and labels.kind = 'contact_reason'
    where not reasons.is_unclassified
    group by reasons.reason
),

counted as (
    select
        label_en,
        label_ja,
        count(distinct document_id) as texts,
        count(distinct customer_id) as customers
    from spoken
    group by label_en, label_ja
)

select
    arg_max(label_en, texts) as reason_en,
    arg_max(label_ja, texts) as reason_ja,
    max(texts) as texts,
    arg_max(customers, texts) as customers,
    (select count(distinct document_id) from spoken) as complaints,
    (select arg_max(label_en, contacts) from contacts) as contact_reason_en,
    (select arg_max(label_ja, contacts) from contacts) as contact_reason_ja,
    case when coalesce(max(texts), 0) >= $minimum_n then null when (select count(*) from contacts) > 0 then 'contacts' else 'none' end as variant
from counted
