-- An id that the source gave to several different events (a mapping keeps it as `source_id` when it had to make its own key).
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_usage_events'}}}) }}
with

usage as (select {{ json_text('properties', 'source_id') }} as source_id from {{ ref('stg_usage_events') }})

select source_id, count(*) as events
from usage
where source_id is not null
group by source_id
having count(*) > 1
