-- One row: whether sending articles before customers ask has been shown to spare contacts.
select
    sum(pushes) as pushes,
    count(*) filter (where finding = 'fewer_contacts') as shown,
    count(*) as reasons,
    case when coalesce(sum(pushes), 0) = 0 then 'none' when count(*) filter (where finding = 'fewer_contacts') = 0 then 'unshown' end as variant
from push_effect_current
