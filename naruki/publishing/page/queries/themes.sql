-- One row per theme and source: how many texts speak of it, their share within the source, and how many complain.
with

recent as (
    select * from fct_voc_signal
    where
        is_chosen
        and business_day(occurred_at) <= $as_of_date
        and business_day(occurred_at) > $as_of_date - $voice_days
),

spoken as (
    select distinct
        recent.document_id,
        recent.source,
        topics.theme
    from recent
    inner join policy.cfg_voc_taxonomy as topics on recent.signal = topics.kind and recent.value = topics.reason
    where recent.signal in ('contact_reason', 'churn_reason') and topics.theme is not null
),

complaining as (
    select distinct document_id
    from recent
    where polarity = 'complaint' or signal = 'dissatisfaction' or (signal = 'voc_type' and value in ('complaint', 'cannot_use', 'unsolved'))
),

counted as (
    select
        spoken.source,
        spoken.theme,
        count(*) as n,
        count(complaining.document_id) as complaints
    from spoken
    left join complaining on spoken.document_id = complaining.document_id
    group by spoken.source, spoken.theme
)

select
    counted.source,
    counted.theme,
    names.label_en as theme_en,
    names.label_ja as theme_ja,
    counted.n,
    counted.complaints,
    counted.n / sum(counted.n) over (partition by counted.source) as share
from counted
inner join policy.cfg_voc_taxonomy as names on counted.theme = names.reason and names.kind = 'theme'
qualify counted.n >= $minimum_n
order by sum(counted.n) over (partition by counted.theme) desc, counted.theme, counted.source
