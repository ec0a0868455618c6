-- One row per customer and complete month in which it paid: the tier in force when it began, what it cost and brought, and promises kept.
with

months as (
    select
        *,
        lag(is_paying) over (partition by customer_id order by month_start_date) as was_paying
    from fct_customer_month
    where is_complete and last_day(month_start_date) <= $day
),

-- A decision of the last day of a month holds for the next one.
decided as (
    select as_of_date, customer_id, tier
    from read_parquet('computed/customer_tiers/as_of_date=[2-9]*/customer_tiers.parquet', union_by_name = true, hive_partitioning = false)
    where as_of_date < $day
),

left_us as (
    select distinct customer_id, month_start_date
    from fct_churn_event
    where is_ended and not is_pause
),

-- What a tier promises to each customer by itself; group sessions and automatic mails are no single customer's.
promised as (
    select tier, sum(times_per_year) / 12 as touches
    from cfg_action
    where not is_group and phase = 'steady' and times_per_year is not null
    group by tier
),

touched as (
    select customer_id, cast(date_trunc('month', occurred_date) as date) as month_start_date, tier, count(*) as touches
    from fct_touch
    where not is_missed and not is_group and occurred_date <= $day
    group by all
),

answered as (
    select
        customer_id,
        cast(date_trunc('month', created_on) as date) as month_start_date,
        first_reply_business_minutes
    from fct_ticket
    where is_counted and is_inbound and first_reply_business_minutes is not null
),

tiered as (
    select months.*, decided.tier
    from months
    asof left join decided
        on months.customer_id = decided.customer_id and months.month_start_date > decided.as_of_date
    where months.is_paying or months.was_paying
),

replies as (
    select
        tiered.customer_id,
        tiered.month_start_date,
        count(*) as targets,
        count(*) filter (answered.first_reply_business_minutes > cfg_tier.first_reply_target_hours * 60) as missed
    from tiered
    join answered using (customer_id, month_start_date)
    join cfg_tier on tiered.tier = cfg_tier.tier
    where cfg_tier.first_reply_target_hours is not null
    group by all
)

select
    tiered.month_start_date,
    tiered.customer_id,
    tiered.tier,
    case when tiered.was_paying then left_us.customer_id is not null end as is_churned,
    cast(tiered.cost_to_serve_minor as double) as cost_to_serve,
    cast(tiered.gross_margin_minor as double) as gross_margin,
    cast(tiered.contribution_minor as double) as contribution,
    tiered.demand_hours + tiered.vendor_fault_hours + coalesce(tiered.proactive_hours, 0) as hours,
    case when tiered.demand_hours is not null then cast(coalesce(replies.targets, 0) as double) end as targets,
    case when tiered.demand_hours is not null then cast(coalesce(replies.missed, 0) as double) end as missed_targets,
    case when tiered.proactive_hours is not null then promised.touches end as planned_touches,
    case when tiered.proactive_hours is not null then promised.touches - coalesce(touched.touches, 0) end as missed_touches
from tiered
left join left_us using (customer_id, month_start_date)
left join replies using (customer_id, month_start_date)
left join promised on tiered.tier = promised.tier
left join touched
    on tiered.customer_id = touched.customer_id and tiered.month_start_date = touched.month_start_date and tiered.tier = touched.tier
where tiered.month_start_date >= last_day($day) + 1 - interval 25 months
order by tiered.month_start_date, tiered.customer_id
