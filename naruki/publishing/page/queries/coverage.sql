-- One row per source: of how many paying customers anything was heard, and who left since of those heard and those not.
select
    source,
    paying_customers,
    heard_customers,
    voc_coverage,
    case when heard_then >= $minimum_n then heard_churn_rate end as heard_churn_rate,
    case when silent_then >= $minimum_n then silent_churn_rate end as silent_churn_rate
from mart_voice_coverage_current
order by source <> 'any', voc_coverage desc nulls last, source
