-- One row per kind of work, channel, reason and month: the seconds that stand for work of which none were reported.
with

reports as (select * from {{ ref('int_support__work_reports') }}),
seeded as (select * from {{ ref('cfg_handle_time') }}),

-- What was known before the month: averages of a reason and channel up to the month before.
monthly as (
    select
        source_kind,
        channel,
        reason,
        worked_month,
        count(measured_seconds) as known_count,
        sum(measured_seconds) as known_seconds
    from reports
    where not is_provisional
    group by source_kind, channel, reason, worked_month
),

known as (
    select
        source_kind,
        channel,
        reason,
        worked_month,
        sum(known_count) over before_month as known_count,
        sum(known_seconds) over before_month as known_seconds
    from monthly
    window
        before_month as (
            partition by source_kind, channel, reason order by worked_month rows between unbounded preceding and 1 preceding
        )
),

defaults as (
    select * from (
        select
            kinds.channel,
            kinds.reason,
            seeded.handle_seconds,
            row_number() over (
                partition by kinds.channel, kinds.reason order by seeded.reason = '*', seeded.channel = '*', seeded.reason, seeded.channel
            ) as choice
        from (select distinct channel, reason from monthly) as kinds
        inner join seeded on seeded.channel in (kinds.channel, '*') and seeded.reason in (kinds.reason, '*')
    ) as ranked
    where choice = 1
),

final as (
    select
        monthly.source_kind,
        monthly.channel,
        monthly.reason,
        monthly.worked_month,

        known.known_count,
        coalesce(
            case when known.known_count >= {{ setting('handle_time_min_count') }} then round(known.known_seconds / known.known_count) end,
            cast(defaults.handle_seconds as double)
        ) as usual_seconds
    from monthly
    left join known
        on monthly.source_kind = known.source_kind
        and monthly.channel = known.channel
        and monthly.reason = known.reason
        and monthly.worked_month = known.worked_month
    left join defaults
        on monthly.channel = defaults.channel
        and monthly.reason = defaults.reason
)

select * from final
