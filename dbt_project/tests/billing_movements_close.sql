-- What opened a month plus everything that moved it is what closed it, in the reporting currency and in the customer's own.
select
    customer_id,
    month_start_date,
    sum(case when kind = 'closing' then amount_minor else -amount_minor end) as gap_minor,
    sum(case when kind = 'closing' then amount_original_minor else -amount_original_minor end) as gap_original_minor
from {{ ref('fct_mrr_movement') }}
group by customer_id, month_start_date
having
    (count(*) = count(amount_minor) and sum(case when kind = 'closing' then amount_minor else -amount_minor end) <> 0)
    or (
        count(*) = count(amount_original_minor)
        and sum(case when kind = 'closing' then amount_original_minor else -amount_original_minor end) <> 0
    )
