-- One row per quadrant: what it is for, and its share of customers, revenue and hours.
with

segments as (select * from customer_segments_current where quadrant is not null),

totals as (
    select
        count(*) as customers,
        sum(axis_1_value) as revenue,
        sum(demand_hours) as hours
    from segments
),

final as (
    select
        segments.quadrant,
        any_value(segments.purpose_en) as purpose_en,
        any_value(segments.purpose_ja) as purpose_ja,
        count(*) as customers,
        count(*) / any_value(totals.customers) as customers_share,
        sum(segments.axis_1_value) as revenue,
        sum(segments.axis_1_value) / nullif(any_value(totals.revenue), 0) as revenue_share,
        sum(segments.demand_hours) as hours,
        sum(segments.demand_hours) / nullif(any_value(totals.hours), 0) as hours_share,
        count(*) filter (where segments.near_boundary) as near_boundary,
        count(*) filter (where segments.hidden_dissatisfaction) as hidden_dissatisfaction
    from segments
    cross join totals
    group by segments.quadrant
)

select * from final
order by revenue desc, quadrant
