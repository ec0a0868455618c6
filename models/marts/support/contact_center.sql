-- One row per as-of day, business day, interval and queue: calls offered and what became of them.
with

calls as (
    select * from {{ ref('fct_call') }}
    where is_offered
        and offered_on > {{ add_days(as_of_date(), '-' ~ setting('contact_center_days')) }}
        -- A call that was still going on had not become anything yet.
        and coalesce(ended_at, answered_at, offered_at) < {{ as_of_instant() }}
        and offered_at < {{ as_of_instant() }}
),

timed as (
    select
        *,
        extract(hour from {{ business_time('offered_at') }}) * 60 + extract(minute from {{ business_time('offered_at') }}) as minute_of_day
    from calls
),

placed as (
    select
        *,
        cast(minute_of_day - minute_of_day % {{ setting('call_interval_minutes') }} as integer) as interval_minute
    from timed
),

counted as (
    select
        offered_on,
        interval_minute,
        queue,
        cast(count(*) as bigint) as offered,
        {% for outcome in ['answered', 'abandoned', 'short_abandoned', 'ivr', 'overflow', 'handled', 'within_service_level'] %}
        cast(count(case when is_{{ outcome }} then 1 end) as bigint) as {{ outcome }},
        {% endfor %}
        cast(coalesce(sum(talk_seconds), 0) as bigint) as talk_seconds,
        cast(coalesce(sum(wrap_seconds), 0) as bigint) as wrap_seconds,
        cast(coalesce(sum(call_handled_seconds), 0) as bigint) as handled_seconds,
        cast(coalesce(sum(case when is_answered then wait_seconds end), 0) as bigint) as answered_wait_seconds,
        cast(count(case when is_answered then wait_seconds end) as bigint) as answered_with_wait
    from placed
    group by offered_on, interval_minute, queue
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        offered_on as call_date,
        interval_minute,
        concat(
            lpad(cast(cast(floor(interval_minute / 60.0) as integer) as string), 2, '0'), ':',
            lpad(cast(interval_minute % 60 as string), 2, '0')
        ) as interval_start,
        queue,

        offered,
        answered,
        abandoned,
        short_abandoned,
        ivr,
        overflow,
        ivr + overflow as other,
        handled,
        within_service_level,

        talk_seconds,
        wrap_seconds,
        handled_seconds,
        answered_wait_seconds,
        answered_with_wait,

        {{ rate('answered', 'offered') }} as answer_rate,
        {{ rate('abandoned', 'offered') }} as abandonment_rate,
        {{ rate('(abandoned - short_abandoned)', '(offered - short_abandoned)') }} as abandonment_rate_without_short,
        {{ rate('within_service_level', 'offered') }} as service_level,
        {{ rate('talk_seconds', 'answered') }} as att_seconds,
        {{ rate('wrap_seconds', 'answered') }} as acw_seconds,
        {{ rate('handled_seconds', 'handled') }} as aht_seconds,
        {{ rate('answered_wait_seconds', 'answered_with_wait') }} as asa_seconds
    from counted
)

select * from final
