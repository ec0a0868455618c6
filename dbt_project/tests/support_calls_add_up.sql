-- answered + abandoned + other = offered, by queue: no call is counted twice or not at all.
with

calls as (select * from {{ ref('fct_call') }}),

counted as (
    select
        queue,
        count(case when is_offered then 1 end) as offered,
        count(case when is_offered and is_answered then 1 end) as answered,
        count(case when is_offered and is_abandoned then 1 end) as abandoned,
        count(case when is_offered and is_ivr then 1 end) + count(case when is_offered and is_overflow then 1 end) as other
    from calls
    group by queue
)

select * from counted
where answered + abandoned + other <> offered
