-- One row per end of paying: what billing, surveys and contacts say about it.
with

spells as (select * from {{ ref('int_billing__churn_spells') }}),
intervals as (select * from {{ ref('int_billing__subscription_interval') }}),
invoices as (select * from {{ ref('stg_invoices') }}),
statuses as (select * from {{ ref('cfg_invoice_status') }}),
surveys as (select * from {{ ref('stg_survey_responses') }} where survey_kind = 'cancellation'),
feeds as (select * from {{ ref('stg_feeds') }}),

dated as (
    select
        *,
        coalesce(notice_at, ended_at) as decided_at,
        {{ business_date('coalesce(notice_at, ended_at)') }} as decided_on,
        {{ business_date('ended_at') }} as ended_on
    from spells
),

known as (
    select
        max(case when feed = 'invoices' then first_event_at end) as invoices_from_at,
        min(case when feed in ('tickets', 'calls') then first_event_at end) as contacts_from_at
    from feeds
),

-- What the paid terms became when the paid ones ended.
afterwards as (
    select
        dated.customer_id,
        dated.ended_at,
        max(case when intervals.status = 'paused' then 1 else 0 end) = 1 as is_paused,
        max(case when intervals.status = 'unpaid' then 1 else 0 end) = 1 as is_unpaid
    from dated
    inner join intervals on dated.customer_id = intervals.customer_id and dated.ended_at = intervals.valid_from_at
    group by dated.customer_id, dated.ended_at
),

unpaid as (
    select distinct dated.customer_id, dated.ended_at
    from dated
    inner join invoices on dated.customer_id = invoices.customer_id
    left join statuses on invoices.status = statuses.status
    where
        invoices.issued_at <= dated.ended_at
        and {{ business_date('invoices.issued_at') }} >= {{ add_days('dated.ended_on', '-' ~ setting('payment_failure_window_days')) }}
        and (invoices.paid_at is null or invoices.paid_at > dated.ended_at)
        and (coalesce(statuses.is_failed, false) or (not coalesce(statuses.is_withdrawn, false) and invoices.due_at < dated.ended_at))
),

answered as (
    select
        dated.customer_id,
        dated.ended_at,
        lower(surveys.reason_code) as reason,
        surveys.responded_at,
        row_number() over (
            partition by dated.customer_id, dated.ended_at order by surveys.responded_at desc, surveys.response_id
        ) as newest_first
    from dated
    inner join surveys on dated.customer_id = surveys.customer_id
    where
        surveys.reason_code is not null
        and {{ business_date('surveys.responded_at') }} >= {{ add_days('dated.decided_on', '-' ~ setting('churn_survey_window_days')) }}
        and {{ business_date('surveys.responded_at') }} <= {{ add_days('dated.ended_on', setting('churn_survey_window_days')) }}
),

final as (
    select
        dated.customer_id,
        dated.month_start_date,

        dated.plan_tier,
        dated.original_currency,
        answered.reason as stated_reason,

        dated.mrr_lost_minor,
        dated.mrr_lost_original_minor,

        dated.is_ended,
        coalesce(afterwards.is_paused, false) as is_pause,
        dated.was_past_due or coalesce(afterwards.is_unpaid, false) or unpaid.customer_id is not null as has_failed_payment,
        coalesce(known.invoices_from_at < dated.ended_at, false) as has_invoices,
        coalesce(known.contacts_from_at < dated.decided_at, false) as has_contacts,

        dated.notice_at,
        dated.ended_at,
        dated.decided_at,
        dated.decided_on,
        answered.responded_at as reason_stated_at
    from dated
    cross join known
    left join afterwards on dated.customer_id = afterwards.customer_id and dated.ended_at = afterwards.ended_at
    left join unpaid on dated.customer_id = unpaid.customer_id and dated.ended_at = unpaid.ended_at
    left join answered
        on dated.customer_id = answered.customer_id and dated.ended_at = answered.ended_at and answered.newest_first = 1
)

select * from final
