-- A reason that cfg_churn_reason names must be one that voice knows, or the same leavers count under two names.
{{ config(meta={'dagster': {'ref': {'name': 'cfg_churn_reason'}}}) }}
select reasons.reason, reasons.taxonomy_reason
from {{ ref('cfg_churn_reason') }} as reasons
left join {{ ref('cfg_voc_taxonomy') }} as taxonomy on reasons.taxonomy_reason = taxonomy.reason and taxonomy.kind = 'churn_reason'
where reasons.taxonomy_reason is not null and taxonomy.reason is null
