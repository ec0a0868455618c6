-- One row per customer and past decision of which three complete months have passed: the tiers that the policies would have given, and
-- what the customer brought afterwards. At most four decisions, three months apart.
with

decided as (
    select as_of_date, customer_id, tier, tier_by_ltv_only, proposed_tier, previous_tier, value_baseline
    from read_parquet('computed/customer_tiers/as_of_date=[2-9]*/customer_tiers.parquet', union_by_name = true, hive_partitioning = false)
    where as_of_date < $day
),

-- The newest decision before a month stands for it.
starts as (
    select as_of_date, month_start_date
    from (
        select
            days.as_of_date,
            cast(date_trunc('month', days.as_of_date) + interval 1 month as date) as month_start_date,
            row_number() over (partition by date_trunc('month', days.as_of_date) order by days.as_of_date desc) as from_newest
        from (select distinct as_of_date from decided) as days
    ) as newest
    where from_newest = 1 and last_day(cast(month_start_date + interval 2 months as date)) <= $day
),

spaced as (
    select starts.as_of_date, starts.month_start_date
    from starts, (select max(month_start_date) as last_start from starts) as newest
    where date_diff('month', starts.month_start_date, newest.last_start) in (0, 3, 6, 9)
),

currency as (
    select power(10, minor_digits) as minor
    from cfg_currency
    where currency = (select value from cfg_setting where setting = 'reporting_currency')
),

brought as (
    select spaced.as_of_date, months.customer_id, sum(months.contribution_minor) / any_value(currency.minor) as outcome
    from spaced
    join fct_customer_month as months
        on months.month_start_date between spaced.month_start_date and spaced.month_start_date + interval 2 months
    cross join currency
    group by all
)

select decided.*, brought.outcome
from decided
join brought using (as_of_date, customer_id)
order by as_of_date, customer_id
