-- One row per customer and ended month: what its use, contacts, answers and payments said of it by that month's end.
with

months as (select * from {{ ref('fct_customer_month') }} where is_complete),
interactions as (select * from {{ ref('fct_interaction') }} where is_contact),
tickets as (select * from {{ ref('fct_ticket') }} where is_counted),
surveys as (select * from {{ ref('fct_survey_response') }}),
invoices as (select * from {{ ref('stg_invoices') }}),
statuses as (select * from {{ ref('cfg_invoice_status') }}),

-- A contact that announces the leaving is the leaving itself and would tell the outcome, as would an answer about it.
contacts as (
    select
        customer_id,
        {{ month_start('occurred_on') }} as month_start_date,
        cast(count(*) as bigint) as contacts,
        max(occurred_on) as last_contact_on
    from interactions
    where reason <> {{ setting('cancellation_contact_reason', 'string') }}
    group by 1, 2
),

waits as (
    select customer_id, {{ month_start(business_date('first_resolved_at')) }} as month_start_date, cast(count(*) as bigint) as long_waits
    from tickets
    where is_long_wait and reason <> {{ setting('cancellation_contact_reason', 'string') }}
    group by 1, 2
),

answers as (
    select
        surveys.customer_id,
        {{ month_start(business_date('surveys.answered_at')) }} as month_start_date,
        cast(sum(case when surveys.survey_kind = 'csat' and surveys.is_good then 1 else 0 end) as bigint) as csat_good,
        cast(sum(case when surveys.survey_kind = 'csat' and surveys.is_bad then 1 else 0 end) as bigint) as csat_bad,
        avg(case when surveys.survey_kind = 'nps' then cast(surveys.common_score as double) end) as nps_score
    from surveys
    left join tickets on surveys.ticket_id = tickets.ticket_id
    where
        surveys.is_answered and surveys.survey_kind in ('csat', 'nps')
        and coalesce(tickets.reason, '') <> {{ setting('cancellation_contact_reason', 'string') }}
    group by 1, 2
),

-- Late from the day on which it was due and not paid, whatever came of it later.
payments as (
    select
        invoices.customer_id,
        {{ month_start(business_date('invoices.due_at')) }} as month_start_date,
        cast(count(*) as bigint) as late_payments
    from invoices
    left join statuses on invoices.status = statuses.status
    where
        (invoices.paid_at is null or invoices.paid_at > invoices.due_at)
        and not coalesce(statuses.is_withdrawn, false)
        and invoices.due_at is not null
    group by 1, 2
),

invoiced as (select min({{ month_start(business_date('due_at')) }}) as first_due_month from invoices),

joined as (
    select
        months.*,
        case when months.inbound_contacts is not null then coalesce(contacts.contacts, 0) end as contacts,
        contacts.last_contact_on,
        case when months.inbound_contacts is not null then coalesce(waits.long_waits, 0) end as long_waits,
        answers.csat_good as good_answers,
        answers.csat_bad as bad_answers,
        answers.nps_score,
        case when invoiced.first_due_month <= months.month_start_date then coalesce(payments.late_payments, 0) end as late_payments
    from months
    cross join invoiced
    left join contacts using (customer_id, month_start_date)
    left join waits using (customer_id, month_start_date)
    left join answers using (customer_id, month_start_date)
    left join payments using (customer_id, month_start_date)
),

looked_back as (
    select
        *,
        lag(active_users_28d, 3) over history as active_users_before,
        sum(error_events) over three_months as errors_3m,
        sum(case when error_events is not null then events end) over three_months as events_3m,
        max(last_contact_on) over three_months as newest_contact_on,
        sum(contacts) over three_months as contacts_3m,
        sum(long_waits) over three_months as long_waits_3m,
        sum(vendor_fault_hours) over three_months as vendor_fault_hours_3m,
        sum(good_answers) over six_months as good_6m,
        sum(good_answers + bad_answers) over six_months as answers_6m,
        sum(late_payments) over six_months as late_payments_6m,
        count(nps_score) over (partition by customer_id order by month_start_date rows between unbounded preceding and current row) as nps_number
    from joined
    window
        history as (partition by customer_id order by month_start_date),
        three_months as (partition by customer_id order by month_start_date rows between 2 preceding and current row),
        six_months as (partition by customer_id order by month_start_date rows between 5 preceding and current row)
),

final as (
    select
        customer_id,
        month_start_date,

        utilisation_rate,
        active_days_28d as active_days_28,
        cast(active_users_28d as double) / nullif(active_users_before, 0) - 1 as usage_change_3m,
        cast(features as bigint) as features_used,
        cast(errors_3m as double) / nullif(events_3m, 0) as error_rate_3m,
        cast(contacts_3m as bigint) as contacts_3m,
        cast(long_waits_3m as bigint) as long_waits_3m,
        vendor_fault_hours_3m,
        cast(good_6m as double) / nullif(answers_6m, 0) as csat_rate_6m,
        max(nps_score) over (partition by customer_id, nps_number) as nps_score,
        cast(late_payments_6m as bigint) as late_payments_6m,

        case
            when contacts_3m is not null
                then coalesce(newest_contact_on > {{ add_days(add_days(add_months('month_start_date', 1), -1), '-' ~ setting('churn_support_window_days')) }}, false)
        end as supported_90d
    from looked_back
)

select * from final
