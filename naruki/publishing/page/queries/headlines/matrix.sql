-- One row: what the money trees carry, and where to look twice.
select
    count(*) filter (where quadrant = 'money_tree') as trees,
    sum(axis_1_value) filter (where quadrant = 'money_tree') / nullif(sum(axis_1_value), 0) as revenue_share,
    sum(demand_hours) filter (where quadrant = 'money_tree') / nullif(sum(demand_hours), 0) as hours_share,
    count(*) filter (where hidden_dissatisfaction) as hidden,
    count(*) filter (where near_boundary) as near,
    case when count(quadrant) = 0 then 'none' end as variant
from customer_segments_current
