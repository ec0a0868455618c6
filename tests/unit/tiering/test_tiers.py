import dataclasses
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from naruki.errors import NarukiError
from naruki.tiering.options import steady_hours
from naruki.tiering.policy_types import Guarantee, Override
from naruki.tiering.schemas import CAPACITY, MOVES, REASONS, TIERS
from naruki.tiering.tiers import decide_tiers


def decide(facts, policy, day, previous=None, judgements=None, **more):
    return decide_tiers(facts, policy, previous, judgements, day, **more)


def row(table: pa.Table, customer: str) -> dict:
    return next(line for line in table.to_pylist() if line["customer_id"] == customer)


def rules(decision, customer: str) -> list[str]:
    return [line["rule"] for line in decision.reasons.to_pylist() if line["customer_id"] == customer]


def test_hours_go_where_they_bring_most(simple, customers, day, tier_of):
    # Worth an hour: a 100 then 66.7, b 60 then 40, c 30 then 20, d 10. Ten hours: a and b high (8), c and d low (2).
    found = decide(customers(a=1000, b=600, c=300, d=100), simple, day)
    assert tier_of(found.tiers) == {"a": "high", "b": "high", "c": "low", "d": "low"}
    first = found.capacity.to_pylist()[0]
    assert (first["demand_hours"], first["load"], first["value_reached"]) == pytest.approx((10.0, 1.0, 520.0))
    assert first["proven_bound"] == pytest.approx(520.0)


def test_value_of_a_tier_is_value_times_low_uplift_minus_cost_of_service(priced, customers, day):
    line = row(decide(customers(a=2000, b=100), priced, day).tiers, "a")
    weekly_hour = 365.25 / 7 * 2  # two years at 1 yen
    assert line["tier"] == "high"
    assert line["service_value"] == pytest.approx(2000 * 0.3 - 4 * weekly_hour)
    assert line["cut_below"] == pytest.approx(3 * weekly_hour / 0.2)


def test_uplift_runs_at_its_low_estimate(priced, customers, day, tier_of):
    hopeful = tuple(dataclasses.replace(u, mid=9 * u.low, high=99 * u.low) for u in priced.uplifts)
    facts = customers(a=900, b=100)
    assert tier_of(decide(facts, priced.replace(uplifts=hopeful), day).tiers) == tier_of(
        decide(facts, priced, day).tiers
    )


def test_cost_of_service_runs_for_the_months_that_the_value_stands_for(priced, customers, day):
    # Value 1,200 at a margin of 100 a month is 12 months: half of the cost that 24 months have.
    facts = customers(a=1200, mrr=[200.0], revenue_12m=[2400.0], gross_margin_12m=[1200.0])
    line = row(decide(facts, priced, day).tiers, "a")
    assert line["tier"] == "high"
    assert line["service_cost"] == pytest.approx(4 * 365.25 / 7)


def test_every_tier_holds_the_floor_of_service_and_group_sessions_are_divided(shipped):
    hours = steady_hours(shipped)
    digital, programme = (shipped.pool_names.index(name) for name in ("digital", "programme"))
    assert hours[:, digital].tolist() == [hours[0, digital]] * 3
    # Low touch a year: 2 calls of 0.5 and 4 mails of 0.15 h; 8 h for 25, 10 h for 30 and 30 h for 100 attendees.
    assert hours[1, programme] == pytest.approx(1 + 0.6 + 8 / 25 + 10 / 30 + 30 / 100)


def test_value_only_baseline_stays_visible(simple, customers, day, tier_of):
    values = {f"c{k:02d}": 10.0 * (k + 1) for k in range(10)}
    baseline = tier_of(decide(customers(**values), simple, day).tiers, "tier_by_ltv_only")
    assert [baseline[key] for key in sorted(values)] == ["tech"] * 6 + ["low"] * 3 + ["high"]


def test_newcomer_gets_the_fixed_onboarding_touch_whatever_the_value(priced, customers, day):
    facts = customers(a=1_000_000, b=1, c=2000).set_column(2, "tenure_days", pa.array([10.0, 10.0, 500.0]))
    found = decide(facts, priced, day)
    assert [row(found.tiers, key)["tier"] for key in "abc"] == ["low", "low", "high"]
    assert row(found.tiers, "a")["state"] == "onboarding"
    assert rules(found, "a")[0] == "onboarding"


def test_newcomer_is_not_demoted_in_the_first_90_days(priced, customers, day):
    facts = customers(a=1).set_column(2, "tenure_days", pa.array([40.0]))
    before = pa.table({"as_of_date": [day - timedelta(days=7)], "customer_id": ["a"], "tier": ["high"]})
    assert row(decide(facts, priced, day, before).tiers, "a")["tier"] == "high"


def test_unknown_value_keeps_the_tier_and_says_so(priced, customers, day):
    before = pa.table({"as_of_date": [day - timedelta(days=7)], "customer_id": ["a"], "tier": ["low"]})
    found = decide(customers(a=None, b=None), priced, day, before)
    assert [row(found.tiers, key)["tier"] for key in "ab"] == ["low", "tech"]
    assert row(found.tiers, "a")["value_gain"] is None
    assert "ltv_mean" in row(found.tiers, "a")["unknown_inputs"]
    assert "no_value" in rules(found, "a")


def test_churned_customers_and_prospects_get_no_tier_but_unknown_stages_do(priced, customers, day):
    facts = customers(a=1, b=1, c=1, lifecycle_stage=["churned", None, "active"])
    assert decide(facts, priced, day).tiers["customer_id"].to_pylist() == ["b", "c"]


def test_override_holds_until_the_day_it_expires(priced, customers, day):
    line = Override("a", "high", "strategic partner", "Hana Example", date(2026, 1, 1), day)
    later = dataclasses.replace(line, expires_on=day + timedelta(days=1))
    held = decide(customers(a=1), priced.replace(overrides=(later,)), day)
    gone = decide(customers(a=1), priced.replace(overrides=(line,)), day)
    assert row(held.tiers, "a")["tier"] == "high"
    assert row(held.tiers, "a")["override_reason"] == "strategic partner"
    assert row(gone.tiers, "a")["tier"] == "tech"
    assert not row(gone.tiers, "a")["is_override"]
    assert "override_expired" in rules(gone, "a")


def test_judgement_without_reason_or_expiry_is_void_and_reported(priced, customers, day, judged):
    until = day + timedelta(days=30)
    words = judged(("a", "high", day, until, None), ("b", "high", day, None, "why"), ("c", "top", day, until, "why"))
    found = decide(customers(a=1, b=1, c=1), priced, day, judgements=words)
    assert [row(found.tiers, key)["tier"] for key in "abc"] == ["tech"] * 3
    assert all("override_void" in rules(found, key) for key in "abc")


def test_judgement_made_after_the_day_is_not_known_yet(priced, customers, day, judged):
    words = judged(("a", "high", day + timedelta(days=1), day + timedelta(days=99), "why"))
    assert row(decide(customers(a=1), priced, day, judgements=words).tiers, "a")["tier"] == "tech"


def test_judgement_of_the_late_evening_belongs_to_the_next_business_day(priced, customers, day):
    # 15:30 UTC on 31 March is half past midnight on 1 April in Tokyo; 14:30 UTC is still 31 March.
    for hour, tier in ((14, "high"), (15, "tech")):
        line = {
            "customer_id": "a",
            "kind": "tier_override",
            "value": "high",
            "rater": "Hana Example",
            "evidence": "why",
        }
        line |= {"rated_at": datetime(2026, 3, 31, hour, 30), "expires_at": datetime(2026, 9, 1)}
        assert (
            row(decide(customers(a=1), priced, day, judgements=pa.Table.from_pylist([line])).tiers, "a")["tier"] == tier
        )


def test_guaranteed_plan_gets_at_least_its_tier(priced, customers, day):
    promise = Guarantee("plan", "enterprise", "low", "part of the contract", "契約に含まれる")
    facts = customers(a=1, b=1, c=9000, plan=["enterprise", "basic", "enterprise"])
    found = decide(facts, priced.replace(guarantees=(promise,)), day)
    assert [row(found.tiers, key)["tier"] for key in "abc"] == ["low", "tech", "high"]
    assert "guarantee" in rules(found, "a")


def test_guarantees_beyond_the_hours_fail_loudly(simple, customers, day, with_hours):
    promise = Guarantee("plan", "enterprise", "high", "contract", "契約")
    policy = with_hours(simple, 7.0).replace(guarantees=(promise,))
    with pytest.raises(NarukiError, match=r"need 8\.0 hours a week of pool team but 7\.0 are free"):
        decide(customers(a=1, b=1, plan=["enterprise"] * 2), policy, day)


def test_floor_of_service_that_outgrows_the_hours_is_shown_and_not_refused(simple, customers, day, with_hours):
    tiers = tuple(dataclasses.replace(tier, demand_share=1.0) for tier in simple.tiers)
    facts = customers(a=10, b=10, demand_hours=[365.25 / 7 * 8] * 2)  # 8 hours a week each, 10 are there
    found = decide(facts, simple.replace(tiers=tiers), day)
    first = found.capacity.to_pylist()[0]
    assert (first["demand_hours"], first["unserved_hours"], first["load"]) == pytest.approx((16.0, 6.0, 1.6))
    assert set(found.tiers["tier"].to_pylist()) == {"tech"}


def test_everybody_can_get_high_touch_only_with_enough_hours(simple, customers, day, with_hours):
    # Three customers at 4 hours: 12 hours are needed.
    facts = customers(a=1, b=1, c=1)
    few, enough = (decide(facts, with_hours(simple, h), day).capacity.to_pylist()[0] for h in (10.0, 12.0))
    assert (few["all_high_feasible"], few["hours_short"]) == (False, pytest.approx(2.0))
    assert (enough["all_high_feasible"], enough["hours_short"]) == (True, 0.0)


def test_shifts_replace_the_planned_hours_of_a_week_where_they_are_known(simple, customers, day):
    weeks = pa.table({"week_start_date": [day + timedelta(days=1)], "pool": ["team"], "hours": [3.0]})
    supply = decide(customers(a=1), simple, day, supply=weeks).capacity["plannable_hours"].to_pylist()
    assert supply == [3.0] + [10.0] * 12


def test_onboarding_hours_end_when_the_newcomer_is_one_no_longer(shipped, customers, day):
    facts = customers(a=1).set_column(2, "tenure_days", pa.array([90.0 - 20]))
    table = decide(facts, shipped, day).capacity.to_pandas()
    weeks = table[table.pool == "programme"]["onboarding_hours"] > 0
    assert (table["unserved_hours"] == 0).all()
    assert weeks.tolist() == [True] * 3 + [False] * 10  # 20 days are left: three weeks


def test_community_is_an_overlay_and_changes_no_tier(priced, customers, day, tier_of):
    member = customers(a=2000, b=10, is_community_member=[True, False])
    found = decide(member, priced, day)
    assert tier_of(found.tiers) == tier_of(decide(customers(a=2000, b=10), priced, day).tiers)
    assert tier_of(found.tiers, "community_touch") == {"a": True, "b": False}
    assert set(found.tiers["tier"].to_pylist()) <= {"tech", "low", "high"}


def test_tier_that_changes_when_the_assumption_is_halved_or_doubled_is_not_robust(priced, customers, day, tier_of):
    # Doubled, low pays from 521.8 on: 800 would change, 100 would not; 9,000 stays high even when halved.
    assert tier_of(decide(customers(a=800, b=100, c=9000), priced, day).tiers, "not_robust") == {
        "a": True,
        "b": False,
        "c": False,
    }


def test_what_would_change_the_tier_does_change_it(priced, customers, day, tier_of):
    found = decide(customers(a=1300, b=100), priced, day)
    line = row(found.tiers, "a")
    assert line["tier"] == "low"
    for value, tier in ((line["cut_below"] - 1, "tech"), (line["cut_above"] + 1, "high")):
        assert tier_of(decide(customers(a=value, b=100), priced, day).tiers)["a"] == tier


def test_reason_holds_value_threshold_and_both_languages(priced, customers, day):
    found = decide(customers(a=1300, b=100), priced, day)
    lines = [
        line for line in found.reasons.to_pylist() if line["customer_id"] == "a" and line["rule"] == "value_of_service"
    ]
    assert [(round(line["value"]), round(line["threshold"])) for line in lines] == [(1300, 1044), (1300, 1565)]
    assert (
        lines[0]["reason_en"]
        == "Low touch fits a value of 1,300 JPY: it lies above the cut of 1,044 JPY to Tech touch."
    )
    assert "ロータッチ" in lines[0]["reason_ja"]
    assert lines[1]["change_en"] == "A value above 1,565 JPY would make it High touch."


def test_every_customer_has_a_decisive_reason(shipped, customers, day):
    facts = customers(a=10_000_000, b=1000, c=None, d=5_000_000)
    found = decide(facts, shipped, day)
    told = {line["customer_id"] for line in found.reasons.to_pylist() if line["is_decisive"]}
    assert told == set("abcd")


def test_index_is_the_sum_of_its_weights_times_values(shipped, customers, day):
    facts = customers(
        a=10,
        b=20,
        c=30,
        cost_to_serve=[1.0, 2.0, 3.0],
        gross_margin_12m=[9.0, 8.0, 7.0],
        executive_rating=[5.0, None, 1.0],
    )
    found = decide(facts, shipped, day)
    parts = {}
    for line in found.reasons.to_pylist():
        if line["rule"] == "score":
            parts[line["customer_id"]] = parts.get(line["customer_id"], 0.0) + line["value"] * line["threshold"]
    for customer, total in parts.items():
        assert row(found.tiers, customer)["tier_score"] == pytest.approx(total)
    # b has no rating: return on service 0.5, value 0.25 of known 0.75.
    assert row(found.tiers, "b")["tier_score"] == pytest.approx((0.5 * 0.5 + 0.25 * 0.5) / 0.75)


def bytes_of(found) -> list[bytes]:
    sink = [pa.BufferOutputStream() for _ in range(4)]
    for out, table in zip(sink, (found.tiers, found.reasons, found.moves, found.capacity), strict=True):
        with pa.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table.combine_chunks())
    return [out.getvalue().to_pybytes() for out in sink]


def test_same_inputs_give_identical_tables_in_whatever_order_they_come(shipped, customers, day):
    rng = np.random.default_rng(5)
    facts = customers(**{f"c{k}": float(v) for k, v in enumerate(rng.lognormal(14, 1.5, 60))})
    shuffled = facts.take(pa.array(rng.permutation(60)))
    assert (
        bytes_of(decide(facts, shipped, day))
        == bytes_of(decide(facts, shipped, day))
        == bytes_of(decide(shuffled, shipped, day))
    )


def test_one_changed_customer_moves_nobody_else_while_hours_are_plenty(priced, customers, day, tier_of):
    before = tier_of(decide(customers(a=500, b=1200, c=3000, d=1500), priced, day).tiers)
    after = tier_of(decide(customers(a=5000, b=1200, c=3000, d=1500), priced, day).tiers)
    assert {key for key in before if before[key] != after[key]} == {"a"}


def test_tables_keep_their_columns_when_there_is_nobody(shipped, day):
    found = decide(pa.table({"customer_id": pa.array([], pa.string())}), shipped, day)
    tables = (found.tiers, found.reasons, found.moves, found.capacity)
    assert [table.schema for table in tables] == [TIERS, REASONS, MOVES, CAPACITY]
    assert found.tiers.num_rows == 0


def test_customer_id_is_all_that_must_be_known(shipped, day):
    found = decide(pa.table({"customer_id": ["a", "b"]}), shipped, day)
    assert found.tiers["tier"].to_pylist() == ["tech", "tech"]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"id": ["a"]}, "column customer_id is missing"),
        ({"customer_id": ["a", "a"]}, "1 rows repeat a customer_id"),
        ({"customer_id": ["a", None]}, "customer_id is null in 1 rows"),
        ({"customer_id": ["a"], "ltv_mean": ["much"]}, "column ltv_mean is string, a number is needed"),
    ],
)
def test_unusable_facts_are_told_plainly(shipped, day, facts, message):
    with pytest.raises(NarukiError, match=message):
        decide(pa.table(facts), shipped, day)


def test_versions_stand_in_every_row(shipped, customers, day):
    found = decide(customers(a=1), shipped, day, code_version="0.1.0", run_id="r1")
    for table in (found.tiers, found.reasons, found.capacity):
        assert set(table["policy_version"].to_pylist()) == {shipped.version}
        assert set(table["code_version"].to_pylist()) == {"0.1.0"}
    assert set(found.tiers["run_id"].to_pylist()) == {"r1"}
