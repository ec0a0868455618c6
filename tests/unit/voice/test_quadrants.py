"""What the quadrants say: ideals of wisdom trees, and themes that the testing ground named before others did."""

from datetime import date
from decimal import Decimal

import pyarrow as pa

from naruki.voice.quadrants import IDEALS, ideal_visions, theme_origins

DAY = date(2026, 6, 30)
SEGMENTS = pa.table(
    {
        "customer_id": ["w", "m", "t1", "t2", "s1", "s2"],
        "quadrant": ["wisdom_tree", "money_tree", "testing_ground", "testing_ground", "money_seedling", "money_seedling"],
        "p_quadrant": [0.9] * 6,
    }
)  # fmt: skip


def requests(*rows):
    blank = dict.fromkeys(IDEALS.names) | {"requesters": 1, "requested_on": DAY, "as_of_date": DAY}
    made = [blank | {"customer_id": who, "request_id": name, "requesters_mrr": Decimal(mrr)} for who, name, mrr in rows]
    return pa.Table.from_pylist(made, schema=IDEALS)


def mentions(theme, **days):
    rows = [
        {"theme_kind": "request", "theme": theme, "customer_id": who, "mentioned_on": date(2026, 1, day)}
        for who, day in days.items()
    ]
    return pa.Table.from_pylist(rows)


def test_ideals_are_the_requests_of_wisdom_trees_those_with_most_revenue_behind_them_first():
    found = ideal_visions(requests(("w", "small", 10), ("m", "other", 99), ("w", "large", 50)), SEGMENTS)
    assert found["request_id"].to_pylist() == ["large", "small"]
    assert found["p_quadrant"].to_pylist() == [0.9, 0.9]


def test_a_theme_that_the_testing_ground_named_before_others_is_a_hint():
    """t1 on the 1st, t2 on the 3rd, s1 on the 11th: ten days ahead; two of three who named it are testers."""
    [row] = theme_origins(mentions("rooms", t1=1, t2=3, s1=11), SEGMENTS, DAY, minimum=3).to_pylist()
    assert (row["first_quadrant"], row["days_ahead"], row["is_hint"]) == ("testing_ground", 10, True)
    assert (row["testing_customers"], row["elsewhere_customers"], row["chance_first"]) == (2, 1, 2 / 3)


def test_a_theme_that_never_left_the_testing_ground_or_came_from_elsewhere_is_none():
    [stayed] = theme_origins(mentions("rooms", t1=1, t2=3), SEGMENTS, DAY, minimum=2).to_pylist()
    assert (stayed["days_ahead"], stayed["is_hint"]) == (None, False)
    [came] = theme_origins(mentions("rooms", t1=9, s1=1), SEGMENTS, DAY, minimum=2).to_pylist()
    assert (came["first_quadrant"], came["is_hint"]) == ("money_seedling", False)


def test_what_fewer_than_the_minimum_named_is_not_listed():
    assert theme_origins(mentions("rooms", t1=1, s1=2), SEGMENTS, DAY, minimum=5).num_rows == 0
