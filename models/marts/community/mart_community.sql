-- One row per as-of day and month: how lively the community is, who answers, and who leaves.
{%- set day = as_of_date() %}
{%- set patience = setting('community_unanswered_hours') ~ ' * 3600' %}
with

months as (
    select * from {{ ref('int_calendar__months') }}
    where
        month_end_date <= {{ day }}
        and month_start_date >= {{ add_months(month_start(add_days(day, 1)), '-' ~ setting('satisfaction_months')) }}
),

feed as (select * from {{ ref('stg_feeds') }} where feed = 'community_posts'),
answers as (select *, {{ business_date('posted_at') }} as posted_on from {{ ref('int_community__answers') }} where posted_at < {{ as_of_instant() }}),
threads as (select *, {{ business_date('opened_at') }} as opened_on from {{ ref('fct_community_thread') }} where opened_at < {{ as_of_instant() }}),
shifts as (select * from {{ ref('stg_agents_shifts') }} where {{ setting('community_skill', 'string') }} in (team, skill)),
left_by as (select * from {{ ref('int_community__churn') }}),
authored as (select * from {{ ref('int_community__authored') }}),

actives as (
    select
        months.month_start_date,
        cast(count(*) as bigint) as posts,
        cast(count(distinct authored.author) as bigint) as active_members,
        cast(count(distinct authored.customer_id) as bigint) as active_customers
    from months
    inner join authored on authored.posted_on between months.month_start_date and months.month_end_date
    group by 1
),

answered as (
    select
        months.month_start_date,
        cast(count(*) as bigint) as answers,
        cast(sum(case when answers.is_staff then 0 else 1 end) as bigint) as peer_answers
    from months
    inner join answers on answers.posted_on between months.month_start_date and months.month_end_date
    group by 1
),

-- An answer after the as-of day is none yet, and a question is judged once its time to wait is over.
asked as (
    select
        months.month_start_date,
        threads.thread_id,
        case when threads.first_answer_at < {{ as_of_instant() }} then threads.first_answer_hours end as first_answer_hours,
        case
            when threads.first_answer_hours * 3600 <= {{ patience }} and threads.first_answer_at < {{ as_of_instant() }} then false
            when {{ epoch_seconds(as_of_instant()) }} - {{ epoch_seconds('threads.opened_at') }} > {{ patience }} then true
        end as is_unanswered_over_48h,
        coalesce(threads.accepted_at < {{ as_of_instant() }}, false) as is_accepted
    from months
    inner join threads on threads.opened_on between months.month_start_date and months.month_end_date
    where threads.is_question
),

questions as (
    select
        month_start_date,
        cast(count(*) as bigint) as questions,
        cast(sum(case when is_accepted then 1 else 0 end) as bigint) as accepted,
        cast(count(is_unanswered_over_48h) as bigint) as judged_questions,
        cast(sum(case when is_unanswered_over_48h then 1 else 0 end) as bigint) as unanswered_over_48h,
        {{ percentile('first_answer_hours', 0.5) }} as first_answer_hours_p50
    from asked
    group by 1
),

managed as (
    select
        months.month_start_date,
        {{ exact_sum('cast(' ~ epoch_seconds('shifts.ends_at') ~ ' - ' ~ epoch_seconds('shifts.starts_at') ~ ' as double) / 3600') }} as manager_hours
    from months
    inner join shifts on {{ business_date('shifts.starts_at') }} between months.month_start_date and months.month_end_date
    group by 1
),

final as (
    select
        {{ day }} as as_of_date,
        months.month_start_date,

        {%- for column in ['posts', 'active_members', 'active_customers'] %}
        coalesce(actives.{{ column }}, 0) as {{ column }},
        {%- endfor %}
        coalesce(questions.questions, 0) as questions,
        coalesce(questions.accepted, 0) as accepted,
        coalesce(questions.judged_questions, 0) as judged_questions,
        coalesce(questions.unanswered_over_48h, 0) as unanswered_over_48h,
        {{ rate('questions.unanswered_over_48h', 'questions.judged_questions') }} as unanswered_over_48h_rate,
        questions.first_answer_hours_p50,
        coalesce(answered.answers, 0) as answers,
        coalesce(answered.peer_answers, 0) as peer_answers,
        {{ rate('answered.peer_answers', 'answered.answers') }} as peer_answer_share,
        managed.manager_hours,

        left_by.members_at_start,
        left_by.members_lost,
        {{ published_rate('left_by.members_lost', 'left_by.members_at_start') }} as member_churn_rate,
        left_by.others_at_start,
        left_by.others_lost,
        {{ published_rate('left_by.others_lost', 'left_by.others_at_start') }} as other_churn_rate
    from months
    inner join feed on feed.first_event_at < months.measured_at and feed.first_event_at < {{ as_of_instant() }}
    left join actives using (month_start_date)
    left join questions using (month_start_date)
    left join answered using (month_start_date)
    left join managed using (month_start_date)
    left join left_by using (month_start_date)
)

select * from final
