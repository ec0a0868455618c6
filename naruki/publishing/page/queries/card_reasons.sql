-- One row per customer with a card and rule that made its tier; parts of the index within a tier are left to the table.
select
    customer_id,
    is_decisive,
    reason_en,
    reason_ja,
    change_en,
    change_ja
from tier_reasons_current
where rule <> 'score' and customer_id in (select customer_id from carded)
order by customer_id, is_decisive desc, rule_order
