-- One row per theme: how often those who left spoke of it before they decided, beside those who stay, and the plan against it.
with

asked as (select * from churn_triangulation_current where theme <> 'unclassified'),

before as (select * from asked where source_group = 'churned_before' and is_published),

staying as (select * from asked where source_group = 'current' and is_published),

leaving as (select * from asked where source_group = 'churned' and is_published)

select
    themes.theme,
    themes.label_en as theme_en,
    themes.label_ja as theme_ja,
    leaving.share as leaving_share,
    before.share as before_share,
    staying.share as staying_share,
    before.lift_low,
    before.lift_high,
    leaving.mrr_lost,
    themes.department,
    themes.plan_en,
    themes.plan_ja,
    coalesce(leaving.is_common_theme or before.is_common_theme, false) as is_common
from (select distinct theme, label_en, label_ja, department, plan_en, plan_ja from asked) as themes
left join before on themes.theme = before.theme
left join staying on themes.theme = staying.theme
left join leaving on themes.theme = leaving.theme
where before.share is not null or leaving.share is not null
order by is_common desc, leaving.mrr_lost desc nulls last, before.share desc nulls last, themes.theme
