-- The customer base: opening + new - lost + returned = closing, for every month and horizon (R67).
select *
from {{ ref('mart_revenue_retention') }}
where
    as_of_date = {{ as_of_date() }}
    and customers_opening + customers_new - customers_lost + customers_returned <> customers_closing
