-- One row per customer and day on which it bought something before or without a contract.
with

cash as (select * from {{ ref('int_billing__cash') }} where kind = 'collected'),
intervals as (select * from {{ ref('int_billing__subscription_interval') }} where mrr_minor > 0),

contracts as (
    select customer_id, {{ business_date('min(valid_from_at)') }} as first_contract_on
    from intervals
    group by customer_id
),

final as (
    select
        cash.customer_id,
        cash.occurred_on as purchased_on,

        cast(sum(cash.net_minor) as double) / {{ reporting_minor_units() }} as amount,

        contracts.first_contract_on
    from cash
    left join contracts on cash.customer_id = contracts.customer_id
    where contracts.first_contract_on is null or cash.occurred_on < contracts.first_contract_on
    group by cash.customer_id, cash.occurred_on, contracts.first_contract_on
    having {{ sum_if_known('cash.net_minor') }} > 0
)

select * from final
