-- One row per contact reason over the weeks that the table shows, the most frequent first, adding up by count and by cost.
with

reasons as (
    select
        reason,
        bool_or(is_unclassified) as is_unclassified,
        sum(contacts) as contacts,
        sum(hours) as hours,
        sum(cost) as cost,
        bool_or(article_exists) as article_exists,
        sum(searches_without_result) as searches_in_vain,
        max_by(push_list_size, week_start_date) as push_list_size
    from contact_reasons_current
    group by reason
),

named as (
    select
        reasons.*,
        coalesce(labels.label_en, reasons.reason) as reason_en,
        coalesce(labels.label_ja, reasons.reason) as reason_ja
    from reasons
    left join policy.cfg_voc_taxonomy as labels on reasons.reason = labels.reason and labels.kind = 'contact_reason'
)

select
    *,
    contacts / nullif(sum(contacts) over (), 0) as share,
    sum(contacts) over by_count / nullif(sum(contacts) over (), 0) as cumulative_contacts,
    cost / nullif(sum(cost) over (), 0) as cost_share,
    sum(cost) over by_count / nullif(sum(cost) over (), 0) as cumulative_cost
from named
window by_count as (order by contacts desc, reason)
order by contacts desc, reason
