-- Nobody can answer more surveys than were offered, and good and bad answers are answers.
select as_of_date, period, period_start, survey_kind
from {{ ref('mart_satisfaction') }}
where as_of_date = {{ as_of_date() }} and (answered > offered or good + bad > answers or score_numerator > score_denominator)
