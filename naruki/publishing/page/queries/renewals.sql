-- One row per contract that ends soon and is longer than a month: how likely it renews by the model, with its interval.
select
    amounts.customer_id,
    customers.customer_name,
    tiers.tier,
    amounts.term_end_on,
    amounts.mrr,
    amounts.renewal_p,
    amounts.renewal_p_low,
    amounts.renewal_p_high,
    amounts.prior_only,
    amounts.notice_at is not null as has_notice,
    customers.owner_name as owner
from mart_customer_value_current as amounts
left join dim_customer as customers on amounts.customer_id = customers.customer_id
left join customer_tiers_current as tiers on amounts.customer_id = tiers.customer_id
where
    amounts.is_paying
    and amounts.interval_group <> 'month'
    and amounts.term_end_on between $as_of_date and $as_of_date + $renewal_days
order by amounts.mrr * (1 - amounts.renewal_p) desc nulls last, amounts.term_end_on, amounts.customer_id
limit $list_limit
