-- One row per reason for leaving in the last 12 months; reasons of fewer customers than may be shown are put together.
with

lost as (
    select
        events.customer_id,
        events.reason,
        events.is_controllable,
        events.mrr_lost_minor / pow(10, currencies.minor_digits) as mrr_lost
    from fct_churn_event as events
    left join policy.cfg_currency as currencies on events.currency = currencies.currency
    where
        not coalesce(events.is_pause, false)
        and business_day(coalesce(events.notice_at, events.ended_at)) <= $as_of_date
        and business_day(coalesce(events.notice_at, events.ended_at)) > $as_of_date - 365
),

counted as (
    select
        *,
        count(distinct customer_id) over (partition by reason) < $minimum_n as is_rare
    from lost
),

final as (
    select
        case when is_rare then 'few' else reason end as reason,
        count(distinct customer_id) as customers,
        sum(mrr_lost) as mrr_lost,
        case when is_rare then null else bool_or(is_controllable) end as is_controllable
    from counted
    group by case when is_rare then 'few' else reason end, is_rare
)

select
    final.reason,
    labels.label_en as reason_en,
    labels.label_ja as reason_ja,
    final.customers,
    final.mrr_lost,
    case final.is_controllable when true then 'yes' when false then 'no' else 'unknown' end as preventable
from final
left join policy.cfg_churn_reason as labels on final.reason = labels.reason
order by final.reason = 'few', final.mrr_lost desc, final.reason
