-- One row per customer, month and kind: MRR at the start, each thing that moved it, MRR at the end.
with

months as (select * from {{ ref('int_billing__mrr_month') }}),

stated as (
    select
        customer_id, month_start_date, 'opening' as kind, 1 as kind_order,
        opening_minor as amount_minor, opening_original_minor as amount_original_minor
    from months
    union all
    select
        customer_id, month_start_date, movement as kind,
        case movement
            when 'new' then 2 when 'reactivation' then 3 when 'expansion' then 4 when 'contraction' then 5 else 6
        end as kind_order,
        movement_minor as amount_minor,
        closing_original_minor - opening_original_minor as amount_original_minor
    from months
    where movement is not null
    union all
    select
        customer_id, month_start_date, 'fx' as kind, 7 as kind_order,
        fx_minor as amount_minor, cast(0 as bigint) as amount_original_minor
    from months
    where fx_minor <> 0
    union all
    select
        customer_id, month_start_date, 'closing' as kind, 8 as kind_order,
        closing_minor as amount_minor, closing_original_minor as amount_original_minor
    from months
),

final as (
    select
        stated.customer_id,
        stated.month_start_date,

        stated.kind,
        stated.kind_order,
        months.currency,
        months.original_currency,

        stated.amount_minor,
        stated.amount_original_minor,

        months.is_complete,

        months.month_end_date
    from stated
    inner join months using (customer_id, month_start_date)
)

select * from final
