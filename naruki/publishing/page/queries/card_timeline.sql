-- One row per customer with a card and thing that happened to it, the newest first. `about` and `detail` are codes with labels.
with

contacts as (
    select
        customer_id,
        occurred_on as day,
        'contact' as kind,
        channel as about,
        reason as detail,
        cast(null as double) as amount
    from fct_interaction
    where is_contact
),

touches as (
    select
        customer_id,
        occurred_date,
        'touch',
        coalesce(action_id, touch_kind),
        outcome,
        null
    from fct_touch
),

answers as (
    select
        customer_id,
        business_day(answered_at),
        'answer',
        survey_kind,
        case when is_good then 'good' when is_bad then 'bad' else 'neutral' end,
        null
    from fct_survey_response
    where is_answered and survey_kind <> 'cancellation'
),

payments as (
    select
        movements.customer_id,
        movements.month_end_date,
        'payment',
        movements.kind,
        null,
        movements.amount_minor / pow(10, currencies.minor_digits)
    from fct_mrr_movement as movements
    left join policy.cfg_currency as currencies on movements.currency = currencies.currency
    where movements.kind not in ('opening', 'closing', 'fx') and movements.is_complete
),

notices as (
    select
        customer_id,
        business_day(coalesce(notice_at, ended_at)),
        'notice',
        reason,
        null,
        null
    from fct_churn_event
),

moves as (
    select
        customer_id,
        as_of_date,
        'move',
        from_tier,
        to_tier,
        null
    from tier_moves
    where from_tier is not null
),

happened as (
    select * from contacts
    union all
    select * from touches
    union all
    select * from answers
    union all
    select * from payments
    union all
    select * from notices
    union all
    select * from moves
)

select *
from happened
where customer_id in (select customer_id from carded) and day <= $as_of_date
qualify row_number() over (partition by customer_id order by day desc, kind, about, detail) <= 20
order by customer_id, day desc, kind, about, detail
