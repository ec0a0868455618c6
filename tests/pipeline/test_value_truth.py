"""Foreign data has no easy answers: predicted over time, it must not look better than honest."""

import datetime as dt

import duckdb
import numpy as np
import pytest

from naruki.policy import read_rows, read_settings
from naruki.value import HazardModel, ValueSettings, auc, leaking_features, read_catalogue, split_by_time
from naruki.value.asof import known_panel
from naruki.value.tables import count_losses, read_panel
from tests.pipeline.conftest import RAVENSTACK

DAY = dt.date(2024, 12, 31)
MONTHS = 6

# A customer leaves with its first churn event: the subscriptions of an account hardly ever all end.
PANEL = """
    with
    firsts as (select account_id, min(churn_date) as left_on from churn_events group by 1),
    months as (
        select cast(unnest(generate_series(date '2023-01-01', date '2024-12-01', interval 1 month)) as date) as month
    ),
    rows as (
        select accounts.*, month, cast(month + interval 1 month as date) as ends, left_on
        from accounts join months on signup_date < month + interval 1 month
        left join firsts using (account_id)
        where left_on is null or left_on >= month + interval 1 month
    ),
    paid as (
        select account_id, month, sum(mrr_amount) as revenue, sum(subscriptions.seats) as seats
        from rows join subscriptions using (account_id)
        where start_date < ends and (end_date is null or end_date >= ends) group by all
    ),
    used as (
        select account_id, month, count(distinct usage_date) as days, count(distinct feature_name) as features,
            sum(error_count) / sum(usage_count) as errors
        from rows join subscriptions using (account_id) join feature_usage using (subscription_id)
        where usage_date < ends and usage_date >= ends - 28 group by all
    ),
    asked as (
        select account_id, month, count(*) as contacts, avg(satisfaction_score / 5) as satisfied
        from rows join support_tickets using (account_id)
        where submitted_at < ends and submitted_at >= month - interval 2 month group by all
    )
    select account_id as customer_id, month as as_of_month, rows.plan_tier as segment, revenue as monthly_margin,
        date_diff('month', signup_date, month) as tenure_months, null as months_to_term_end, null as term_months,
        date_trunc('month', left_on) as stop_month, date_trunc('month', left_on) as loss_month,
        revenue as monthly_revenue, revenue / nullif(paid.seats, 0) as revenue_per_seat, days as active_days_28,
        features as features_used, errors as error_rate_3m, contacts as contacts_3m, satisfied as csat_rate_6m
    from rows left join paid using (account_id, month) left join used using (account_id, month)
    left join asked using (account_id, month)
    order by 1, 2
"""


@pytest.fixture(scope="module")
def panel():
    """The panel of the accounts, as known on the last day."""
    if not (RAVENSTACK / "accounts.csv").exists():
        pytest.skip(f"RavenStack is foreign input beside the project, not at {RAVENSTACK}; set NARUKI_RAVENSTACK.")
    with duckdb.connect() as connection:
        for file in RAVENSTACK.glob("*.csv"):
            connection.execute(f"create view {file.stem} as select * from read_csv('{file}', header = true)")
        table = connection.execute(PANEL).to_arrow_table()
    catalogue = read_catalogue(row for row in read_rows("cfg_value_feature") if row["feature"] in table.column_names)
    return read_panel(known_panel(table, DAY), catalogue)[0]


def split(panel, back=0):
    """What was known half a year (and `back` months) before the end, those whose half-year is known, and who left."""
    train, test = split_by_time(panel, int((panel.as_of + panel.months).max()) - MONTHS - back)
    test = test.take(test.lost | (test.months >= MONTHS))
    return train, test, test.lost & (test.months <= MONTHS)


def test_a_time_split_on_a_foreign_company_is_honest(panel):
    """Leaving is close to random in this data set: above .65 the future leaks in.

    Measured: .61, .52, .48 and .47 at four cuts of some 175 accounts (standard error .04 each, mean .52). The .61 is
    tenure alone (.64; without it .58, shuffled labels .49): its dates of leaving lie close behind those of signing up.
    """
    policy, found = ValueSettings.from_mapping(read_settings()), []
    for back in (0, 2, 4, 6):
        train, test, left = split(panel, back)
        assert count_losses(train) > 40
        assert np.count_nonzero(left) > 50
        model = HazardModel.fit(train, horizon=policy.horizon_months, ridge=policy.ridge, clip=policy.feature_clip)
        ends = {"to_term_end": test.to_term_end, "term": test.term}
        found.append(auc(1 - model.predict_survival(test.features, month=MONTHS, **ends).at_month(), left))
    assert max(found) < 0.65, found
    assert 0.45 < np.mean(found) < 0.60, found


def test_no_feature_of_a_foreign_company_tells_the_future_alone(panel):
    _, test, left = split(panel)
    assert leaking_features(test.features, left, test.names, limit=0.65) == []
