-- One row per customer and month: MRR at the start, what moved it, MRR at the end, in the reporting currency.
with

standing as (select * from {{ ref('int_billing__mrr_currency_month') }}),

opened as (
    select
        *,
        coalesce(lag(mrr_minor) over (partition by customer_id, currency order by month_start_date), 0) as opening_minor,
        lag(reporting_minor_per_minor) over (partition by customer_id, currency order by month_start_date) as opening_rate,
        lag(plan_tier) over (partition by customer_id, currency order by month_start_date) as opening_plan_tier,
        lag(interval_group) over (partition by customer_id, currency order by month_start_date) as opening_interval_group
    from standing
),

converted as (
    select
        *,
        {{ to_reporting('opening_minor', 'opening_rate') }} as opening_reporting_minor,
        {{ to_reporting('mrr_minor', 'reporting_minor_per_minor') }} as closing_reporting_minor,
        -- The closing MRR at the rate of the opening: what the customer did, without what the currency did.
        {{ to_reporting('mrr_minor', 'opening_rate') }} as constant_closing_minor,
        row_number() over (
            partition by customer_id, month_start_date
            order by case when opening_minor > 0 or mrr_minor > 0 then 0 else 1 end, greatest(mrr_minor, opening_minor) desc, currency
        ) as currency_rank
    from opened
),

together as (
    select
        customer_id,
        month_start_date,
        month_end_date,
        is_complete,
        count(distinct case when opening_minor > 0 or mrr_minor > 0 then currency end) as number_of_currencies,
        max(case when currency_rank = 1 then currency end) as original_currency,
        max(case when currency_rank = 1 then coalesce(opening_plan_tier, plan_tier) end) as opening_plan_tier,
        max(case when currency_rank = 1 then coalesce(opening_interval_group, interval_group) end) as opening_interval_group,
        cast(sum(opening_minor) as bigint) as opening_original_minor,
        cast(sum(mrr_minor) as bigint) as closing_original_minor,
        cast(sum(seats) as bigint) as seats,
        {{ sum_if_known('opening_reporting_minor') }} as opening_minor,
        {{ sum_if_known('closing_reporting_minor') }} as closing_minor,
        {{ sum_if_known('constant_closing_minor') }} as constant_closing_minor
    from converted
    group by customer_id, month_start_date, month_end_date, is_complete
),

remembered as (
    select
        *,
        max(case when closing_original_minor > 0 then 1 else 0 end) over (
            partition by customer_id order by month_start_date rows between unbounded preceding and 1 preceding
        ) as paid_before
    from together
),

compared as (
    select
        *,
        case
            when number_of_currencies > 1 then constant_closing_minor - opening_minor
            else closing_original_minor - opening_original_minor
        end as change_minor
    from remembered
),

classified as (
    select
        *,
        case
            when opening_original_minor = 0 and closing_original_minor > 0 and coalesce(paid_before, 0) = 0 then 'new'
            when opening_original_minor = 0 and closing_original_minor > 0 then 'reactivation'
            when opening_original_minor > 0 and closing_original_minor = 0 then 'churn'
            when change_minor > 0 then 'expansion'
            when change_minor < 0 then 'contraction'
        end as movement
    from compared
),

final as (
    select
        customer_id,
        month_start_date,
        month_end_date,

        movement,
        opening_plan_tier,
        opening_interval_group,
        {{ setting('reporting_currency', 'string') }} as currency,
        case when number_of_currencies <= 1 then original_currency end as original_currency,

        opening_minor,
        -- Who comes brings what stands at the end; who leaves takes what stood at the start; in between the rate is held.
        case
            when movement is null then cast(0 as bigint)
            when movement in ('new', 'reactivation') then closing_minor
            when movement = 'churn' then -opening_minor
            else constant_closing_minor - opening_minor
        end as movement_minor,
        case
            when opening_original_minor > 0 and closing_original_minor > 0 and movement is null then closing_minor - opening_minor
            when opening_original_minor > 0 and closing_original_minor > 0 then closing_minor - constant_closing_minor
            else cast(0 as bigint)
        end as fx_minor,
        closing_minor,

        case when number_of_currencies <= 1 then opening_original_minor end as opening_original_minor,
        case when number_of_currencies <= 1 then closing_original_minor end as closing_original_minor,
        seats,

        opening_original_minor > 0 as is_paying_at_start,
        closing_original_minor > 0 as is_paying_at_end,
        is_complete
    from classified
)

select * from final
