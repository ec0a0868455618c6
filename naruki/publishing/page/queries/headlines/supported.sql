-- One row: support in the days before notice of those who left, beside contact in as many days of those who stay. An association.
with

lost as (
    select
        count(*) as n,
        count(*) filter (where supported_90d) / nullif(count(*), 0) as share
    from fct_churn_event
    where
        supported_90d is not null
        and not coalesce(is_pause, false)
        and business_day(coalesce(notice_at, ended_at)) between $as_of_date - 364 and $as_of_date
),

staying as (
    select count(*) filter (where days_since_contact <= $support_days) / nullif(count(*), 0) as share
    from mart_customer_voice_current
    where is_paying and is_silent is not null
)

select
    lost.n,
    lost.share as lost_share,
    staying.share as staying_share,
    case when lost.n < $minimum_n or staying.share is null then 'none' end as variant
from lost
cross join staying
