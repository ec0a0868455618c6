-- One row: the reason that makes most contacts, and how few reasons make 70 % of them.
with

reasons as (
    select
        reason,
        bool_or(is_unclassified) as is_unclassified,
        sum(contacts) as contacts,
        sum(hours) as hours
    from contact_reasons_current
    group by reason
),

placed as (
    select
        *,
        sum(contacts) over () as all_contacts,
        sum(contacts) over (order by contacts desc, reason) - contacts as contacts_before
    from reasons
)

select
    arg_max(labels.label_en, placed.contacts) filter (where not placed.is_unclassified) as reason_en,
    arg_max(labels.label_ja, placed.contacts) filter (where not placed.is_unclassified) as reason_ja,
    max(placed.contacts) filter (where not placed.is_unclassified) / max(placed.all_contacts) as share,
    arg_max(placed.hours, placed.contacts) filter (where not placed.is_unclassified) as hours,
    count(*) filter (where placed.contacts_before < 0.7 * placed.all_contacts) as k,
    count(*) as reasons,
    case when coalesce(max(placed.all_contacts), 0) < $minimum_n then 'none' end as variant
from placed
left join policy.cfg_voc_taxonomy as labels on placed.reason = labels.reason and labels.kind = 'contact_reason'
