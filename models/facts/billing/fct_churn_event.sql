-- One row per customer and end of paying: when it was announced, when it came, what was lost, why.
with

evidence as (select * from {{ ref('int_billing__churn_evidence') }}),
contacts as (select * from {{ ref('fct_interaction') }} where direction = 'inbound' and is_contact),
reasons as (select * from {{ ref('cfg_churn_reason') }}),
taxonomy as (select * from {{ ref('cfg_voc_taxonomy') }} where kind = 'churn_reason'),

-- Support before the notice; the contact that gives the notice is none.
supported as (
    select evidence.customer_id, evidence.ended_at, cast(count(*) as bigint) as contacts
    from evidence
    inner join contacts on evidence.customer_id = contacts.customer_id
    where
        contacts.occurred_at < evidence.decided_at
        and contacts.occurred_on >= {{ add_days('evidence.decided_on', '-' ~ setting('churn_support_window_days')) }}
        and contacts.reason <> {{ setting('cancellation_contact_reason', 'string') }}
    group by evidence.customer_id, evidence.ended_at
),

judged as (
    select
        evidence.*,
        case when evidence.has_contacts then coalesce(supported.contacts, 0) end as contacts_before_notice,
        case
            when evidence.stated_reason is not null then 'survey'
            when evidence.has_failed_payment and evidence.notice_at is null then 'payment'
            when evidence.is_pause then 'status'
            else 'none'
        end as reason_source
    from evidence
    left join supported on evidence.customer_id = supported.customer_id and evidence.ended_at = supported.ended_at
),

explained as (
    select
        *,
        case reason_source
            when 'survey' then stated_reason
            when 'payment' then 'payment_failure'
            when 'status' then 'paused'
            else 'unknown'
        end as reason
    from judged
),

-- Each code by the one name that voice and billing share, so that both count the same leavers for the same reason.
named as (
    select
        stated.reason as code,
        coalesce(max(reasons.taxonomy_reason), min(taxonomy.reason), stated.reason) as reason
    from (select distinct reason from explained) as stated
    left join reasons on stated.reason = reasons.reason
    left join taxonomy
        on reasons.reason is null
        and (
            stated.reason = taxonomy.reason
            or position(concat(';', stated.reason, ';') in concat(';', lower(coalesce(taxonomy.aliases, '')), ';')) > 0
        )
    group by stated.reason
),

final as (
    select
        explained.customer_id,
        explained.month_start_date,

        named.reason,
        explained.stated_reason,
        explained.reason_source,
        explained.plan_tier,
        {{ setting('reporting_currency', 'string') }} as currency,
        explained.original_currency,

        explained.mrr_lost_minor,
        explained.mrr_lost_original_minor,
        explained.contacts_before_notice,

        explained.is_ended,
        explained.is_pause,
        case
            when explained.notice_at is not null or explained.is_pause then true
            when explained.has_failed_payment then false
            when explained.has_invoices then true
        end as is_voluntary,
        coalesce(taxonomy.is_controllable, reasons.is_controllable) as is_controllable,
        explained.contacts_before_notice > 0 as supported_90d,

        explained.notice_at,
        explained.ended_at,
        explained.reason_stated_at
    from explained
    left join named on explained.reason = named.code
    left join taxonomy on named.reason = taxonomy.reason
    left join reasons on named.reason = reasons.reason
)

select * from final
