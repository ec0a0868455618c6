-- One row per customer and day from which on something was asked: how it went on. Three complete months before against up to three after;
-- the month of the day itself belongs to neither.
with

asked as (
    select customer_id, first_listed_on as since
    from read_parquet('computed/action_queue/as_of_date=[2-9]*/action_queue.parquet', union_by_name = true, hive_partitioning = false)
    where as_of_date <= $day
    union
    select customer_id, started_on
    from cfg_experiment_arm
    where started_on <= $day
),

months as (
    select
        asked.customer_id,
        asked.since,
        date_diff('month', cast(date_trunc('month', asked.since) as date), facts.month_start_date) as month_number,
        facts.is_paying,
        facts.mrr_minor,
        facts.demand_hours,
        facts.utilisation_rate
    from asked
    join fct_customer_month as facts
        on asked.customer_id = facts.customer_id
        and facts.month_start_date between date_trunc('month', asked.since) - interval 3 months and date_trunc('month', asked.since) + interval 3 months
    where facts.is_complete and last_day(facts.month_start_date) <= $day
),

compared as (
    select
        customer_id,
        since,
        arg_max(is_paying, month_number) filter (month_number < 0) as was_paying,
        arg_max(is_paying, month_number) filter (month_number > 0) as is_paying,
        arg_max(mrr_minor, month_number) filter (month_number < 0) as mrr_before,
        arg_max(mrr_minor, month_number) filter (month_number > 0) as mrr_after,
        avg(demand_hours) filter (month_number < 0) as hours_before,
        avg(demand_hours) filter (month_number > 0) as hours_after,
        avg(utilisation_rate) filter (month_number < 0) as use_before,
        avg(utilisation_rate) filter (month_number > 0) as use_after
    from months
    group by customer_id, since
)

select
    customer_id,
    since,
    case when was_paying then cast(is_paying as double) end as is_retained,
    (mrr_after - mrr_before) / nullif(cast(mrr_before as double), 0) as mrr_change,
    hours_after - hours_before as demand_hours_change,
    use_after - use_before as utilisation_change
from compared
order by customer_id, since
