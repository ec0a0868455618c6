-- One row per customer and end of paying: when it was announced, when it came, what was lost, why.
with

spells as (select * from {{ ref('int_billing__churn_spells') }}),
intervals as (select * from {{ ref('int_billing__subscription_interval') }}),
invoices as (select * from {{ ref('stg_invoices') }}),
statuses as (select * from {{ ref('cfg_invoice_status') }}),
surveys as (select * from {{ ref('stg_survey_responses') }} where survey_kind = 'cancellation'),
contacts as (select * from {{ ref('fct_interaction') }} where direction = 'inbound' and is_contact),
reasons as (select * from {{ ref('cfg_churn_reason') }}),
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

-- Support before the notice; the contact that gives the notice is none.
supported as (
    select dated.customer_id, dated.ended_at, cast(count(*) as bigint) as contacts
    from dated
    inner join contacts on dated.customer_id = contacts.customer_id
    where
        contacts.occurred_at < dated.decided_at
        and contacts.occurred_on >= {{ add_days('dated.decided_on', '-' ~ setting('churn_support_window_days')) }}
        and contacts.reason <> {{ setting('cancellation_contact_reason', 'string') }}
    group by dated.customer_id, dated.ended_at
),

judged as (
    select
        dated.*,
        answered.reason as stated_reason,
        answered.responded_at as reason_stated_at,
        coalesce(afterwards.is_paused, false) as is_pause,
        dated.was_past_due or coalesce(afterwards.is_unpaid, false) or unpaid.customer_id is not null as has_failed_payment,
        known.invoices_from_at < dated.ended_at as has_invoices,
        case when known.contacts_from_at < dated.decided_at then coalesce(supported.contacts, 0) end as contacts_before
    from dated
    cross join known
    left join afterwards on dated.customer_id = afterwards.customer_id and dated.ended_at = afterwards.ended_at
    left join unpaid on dated.customer_id = unpaid.customer_id and dated.ended_at = unpaid.ended_at
    left join answered on dated.customer_id = answered.customer_id and dated.ended_at = answered.ended_at and answered.newest_first = 1
    left join supported on dated.customer_id = supported.customer_id and dated.ended_at = supported.ended_at
),

final as (
    select
        judged.customer_id,
        judged.month_start_date,

        coalesce(reasons.reason, judged.stated_reason) as reason,
        case
            when judged.stated_reason is not null then 'survey'
            when judged.has_failed_payment and judged.notice_at is null then 'payment'
            when judged.is_pause then 'status'
            else 'none'
        end as reason_source,
        judged.plan_tier,
        {{ setting('reporting_currency', 'string') }} as currency,
        judged.original_currency,

        judged.mrr_lost_minor,
        judged.mrr_lost_original_minor,
        judged.contacts_before as contacts_before_notice,

        judged.is_ended,
        judged.is_pause,
        case
            when judged.notice_at is not null or judged.is_pause then true
            when judged.has_failed_payment then false
            when judged.has_invoices then true
        end as is_voluntary,
        reasons.is_controllable,
        judged.contacts_before > 0 as supported_90d,

        judged.notice_at,
        judged.ended_at,
        judged.reason_stated_at
    from judged
    left join reasons
        on reasons.reason = case
            when judged.stated_reason is not null then judged.stated_reason
            when judged.has_failed_payment and judged.notice_at is null then 'payment_failed'
            when judged.is_pause then 'paused'
            else 'unknown'
        end
)

select * from final
