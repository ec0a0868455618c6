-- One row per theme and source of voice: in what share of a source's customers it comes up, with its interval, and how often as a complaint.
with

recent as (
    select * from voc_source_comparison_current
    where period = 'recent' and is_published and theme <> 'unclassified'
)

select
    source,
    theme,
    label_en as theme_en,
    label_ja as theme_ja,
    n as customers,
    negative_n as complaints,
    share,
    share_low,
    share_high
from recent
order by sum(n) over (partition by theme) desc, theme, source
