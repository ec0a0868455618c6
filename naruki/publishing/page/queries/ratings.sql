-- One row per customer whose renewal a person rated: the rating stands beside the model.
select
    customer_id,
    human_rating,
    human_p,
    rater
from renewal_likelihood_current
where human_rating is not null
order by customer_id
