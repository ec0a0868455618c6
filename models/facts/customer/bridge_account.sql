-- One row per account in a source and interval in which it is one customer, confirmed or waiting for a person.
with

aliases as (select * from {{ ref('stg_customer_aliases') }}),
methods as (select * from {{ ref('cfg_match_method') }}),
customers as (select * from {{ ref('stg_customers') }}),

judged as (
    select
        aliases.*,
        case
            when methods.is_exact or methods.is_by_person then 'confirmed'
            when aliases.confidence >= {{ setting('fuzzy_match_confirms_from', 'double') }} then 'confirmed'
            else 'waiting'
        end as status,
        customers.customer_id is not null as is_customer_known
    from aliases
    left join methods using (match_method)
    left join customers on aliases.customer_id = customers.customer_id
),

-- An account is one customer at a time: the next confirmed match ends the one before.
bounded as (
    select
        *,
        lead(valid_from_at) over (
            partition by source_name, source_account_id, status order by valid_from_at nulls first, confidence nulls first, customer_id
        ) as next_from_at
    from judged
),

final as (
    select
        source_name,
        source_account_id,
        customer_id,

        match_method,
        status,

        confidence,

        is_customer_known,

        valid_from_at,
        case when status = 'confirmed' then least(valid_to_at, next_from_at) else valid_to_at end as valid_to_at
    from bounded
)

select * from final
