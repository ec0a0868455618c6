-- One row: contracts that end soon and what is expected of them.
select
    count(*) as contracts,
    sum(mrr) as mrr,
    sum(mrr * renewal_p_low) / nullif(sum(mrr) filter (where renewal_p_low is not null), 0) as low,
    sum(mrr * renewal_p_high) / nullif(sum(mrr) filter (where renewal_p_high is not null), 0) as high,
    case when count(*) = 0 then 'none' when count(renewal_p) = 0 then 'unrated' end as variant
from mart_customer_value_current
where
    is_paying
    and interval_group <> 'month'
    and term_end_on between $as_of_date and $as_of_date + $renewal_days
