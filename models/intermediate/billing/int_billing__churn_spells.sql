-- One row per customer and end of paying: when the last paid terms ended or will end, and what they were worth.
with

months as (select * from {{ ref('int_billing__mrr_month') }}),
calendar as (select * from {{ ref('int_calendar__months') }}),
intervals as (select * from {{ ref('int_billing__subscription_interval') }} where mrr_minor > 0),

newest as (select max(month_start_date) as month_start_date from calendar),

-- Who paid at a month's start and not at its end left in between.
left_already as (
    select
        months.customer_id,
        months.month_start_date,
        months.opening_minor as mrr_lost_minor,
        months.opening_original_minor as mrr_lost_original_minor,
        months.original_currency,
        months.opening_plan_tier as plan_tier,
        true as is_ended,
        max(intervals.valid_to_at) as ended_at
    from months
    inner join calendar using (month_start_date)
    inner join intervals on months.customer_id = intervals.customer_id and intervals.valid_to_at < calendar.measured_at
    where months.movement = 'churn'
    group by
        months.customer_id, months.month_start_date, months.opening_minor, months.opening_original_minor, months.original_currency,
        months.opening_plan_tier
),

-- Who still pays but has an end for everything is about to leave.
leaving as (
    select
        months.customer_id,
        cast(null as date) as month_start_date,
        months.closing_minor as mrr_lost_minor,
        months.closing_original_minor as mrr_lost_original_minor,
        months.original_currency,
        months.opening_plan_tier as plan_tier,
        false as is_ended,
        max(intervals.valid_to_at) as ended_at
    from months
    inner join newest using (month_start_date)
    inner join calendar using (month_start_date)
    inner join intervals
        on months.customer_id = intervals.customer_id and (intervals.valid_to_at is null or intervals.valid_to_at >= calendar.measured_at)
    where months.is_paying_at_end
    group by
        months.customer_id, months.closing_minor, months.closing_original_minor, months.original_currency, months.opening_plan_tier
    having count(*) = count(intervals.valid_to_at) and count(*) = count(intervals.notice_at)
),

ends as (
    select * from left_already
    union all
    select * from leaving
),

final as (
    select
        ends.customer_id,
        ends.month_start_date,

        ends.plan_tier,
        ends.original_currency,
        max(case when intervals.status = 'past_due' then 1 else 0 end) = 1 as was_past_due,
        ends.is_ended,

        ends.mrr_lost_minor,
        ends.mrr_lost_original_minor,

        max(intervals.notice_at) as notice_at,
        ends.ended_at
    from ends
    inner join intervals on ends.customer_id = intervals.customer_id and ends.ended_at = intervals.valid_to_at
    group by
        ends.customer_id, ends.month_start_date, ends.plan_tier, ends.original_currency, ends.is_ended, ends.mrr_lost_minor,
        ends.mrr_lost_original_minor, ends.ended_at
)

select * from final
