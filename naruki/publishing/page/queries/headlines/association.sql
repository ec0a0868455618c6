-- One row: how much more often supported customers left than comparable others, with its interval. An association.
select
    max(value) as difference,
    max(low) as low,
    max(high) as high,
    max(n) as n,
    case when max(value) is null or max(n) < $minimum_n then 'none' end as variant
from supported_association_current
where measure = 'adjusted_difference' and detail is null
