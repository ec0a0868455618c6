-- One row per band of waiting: who left afterwards. An association.
select
    wait_band,
    customers,
    case when customers >= $minimum_n then churned end as churned,
    case when customers >= $minimum_n then churn_rate end as churn_rate
from mart_churn_by_wait_current
order by wait_band <> 'long', wait_band
