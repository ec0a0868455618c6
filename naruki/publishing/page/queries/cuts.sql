-- One row: the two axes and where they are cut.
with

cuts as (select max(axis_1_cut) as revenue_cut, max(axis_2_cut) as demand_cut from customer_segments_current),

axes as (
    select
        max(label_en) filter (where axis = 1) as revenue_label_en,
        max(label_ja) filter (where axis = 1) as revenue_label_ja,
        max(label_en) filter (where axis = 2) as demand_label_en,
        max(label_ja) filter (where axis = 2) as demand_label_ja
    from policy.cfg_segment_axis
)

select * from cuts cross join axes
