"""A decision can be made again from what is kept beside it, and the next one tells why tiers moved."""

import shutil
from datetime import timedelta

import pyarrow as pa
import pytest

from naruki.errors import NarukiError
from naruki.home import Home
from naruki.tiering import kept
from naruki.tiering.policy import load_policy
from naruki.tiering.policy_schema import SCHEMAS
from naruki.tiering.questions import ask_hours
from naruki.tiering.tiers import decide_tiers

SMALL, LARGE = 100_000, 60_000_000


@pytest.fixture
def home(tmp_path):
    found = Home(tmp_path / "home")
    found.prepare()
    return found


@pytest.fixture
def pack(seeds, tmp_path):
    """A copy of the shipped pack that a test may edit."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name in (*SCHEMAS, "cfg_setting"):
        shutil.copy(seeds / f"{name}.csv", folder)
    return folder


def edit(pack, name: str, old: str, new: str) -> None:
    path = pack / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def decided(home, pack, customers):
    """decided(day, value of a, restated value) decides, keeps and stores a day as the asset does."""

    def run(day, value: float, restated: float | None = None):
        def facts(amount):
            return customers(a=amount, x=SMALL, renewal_p=[0.1, 0.9], demand_hours=[1.0, 1.0])

        inputs = kept.Inputs(
            as_of=day,
            facts=facts(value),
            judgements=pa.table({name: pa.array([], pa.string()) for name in ("customer_id", "kind", "value")}),
            supply=pa.table({name: pa.array([], pa.string()) for name in ("week_start_date", "pool", "hours")}),
            policy=load_policy(pack),
            landed_until=None,
            code_version="test",
        )
        kept.keep(home, inputs, pack)
        if restated is not None:
            home.write_computed(kept.RESTATED, day, facts(restated))
        found = decide_tiers(
            inputs.facts,
            inputs.policy,
            home.read_computed("customer_tiers", before=day),
            None,
            day,
            before=kept.before(home, day),
            supply=inputs.supply,
            code_version="test",
        )
        home.write_computed("customer_tiers", day, found.tiers)
        return found

    return run


def cause(found) -> list[tuple]:
    return [(move["customer_id"], move["to_tier"], move["cause"]) for move in found.moves.to_pylist()]


def test_only_the_customer_changed(decided, day):
    decided(day, SMALL)
    assert cause(decided(day + timedelta(days=7), LARGE)) == [("a", "high", "customer")]


def test_only_the_policy_changed(decided, pack, day):
    edit(pack, "cfg_uplift", "high,,,0.100", "high,,,0.000")
    decided(day, LARGE)
    edit(pack, "cfg_uplift", "high,,,0.000", "high,,,0.100")
    assert cause(decided(day + timedelta(days=7), LARGE)) == [("a", "high", "policy")]


def test_only_the_hours_changed(decided, pack, day):
    edit(pack, "cfg_capacity", "カスタマーサクセス担当,14,", "カスタマーサクセス担当,0.1,")
    decided(day, LARGE)
    edit(pack, "cfg_capacity", "カスタマーサクセス担当,0.1,", "カスタマーサクセス担当,14,")
    assert cause(decided(day + timedelta(days=7), LARGE)) == [("a", "high", "capacity")]


def test_only_what_was_known_of_the_past_changed(decided, day):
    decided(day, SMALL)
    assert cause(decided(day + timedelta(days=7), LARGE, restated=LARGE)) == [("a", "high", "data correction")]


def test_late_rows_that_change_nothing_leave_the_customer_as_the_cause(decided, day):
    decided(day, SMALL)
    assert cause(decided(day + timedelta(days=7), LARGE, restated=SMALL)) == [("a", "high", "customer")]


def test_past_decision_is_made_again_byte_for_byte_whatever_the_policy_says_now(decided, home, pack, day):
    first = decided(day, LARGE)
    edit(pack, "cfg_uplift", "high,,,0.100", "high,,,0.000")
    again = kept.kept(home, day)
    assert again.policy.version == first.decision.policy.version != load_policy(pack).version
    found = decide_tiers(
        again.facts, again.policy, None, None, day, supply=again.supply, code_version=again.code_version
    )
    assert found.tiers.equals(first.tiers)
    assert found.reasons.equals(first.reasons)
    assert found.capacity.equals(first.capacity)


def test_inputs_are_not_published(decided, home, day):
    decided(day, SMALL)
    assert home.computed_tables() == ["customer_tiers"]


def test_pack_that_this_version_cannot_read_leaves_the_cause_unknown(decided, home, day):
    decided(day, SMALL)
    pack = home.read_computed(kept.PACK, on=day)
    home.write_computed(kept.PACK, day, pack.slice(1))
    assert cause(decided(day + timedelta(days=7), LARGE)) == [("a", "high", None)]


def test_question_about_other_hours_is_asked_of_the_kept_inputs(decided, home, pack, day):
    # Without hours of its own team nobody gets high touch; twelve more let `a` in.
    edit(pack, "cfg_capacity", "カスタマーサクセス担当,14,", "カスタマーサクセス担当,0.1,")
    decided(day, LARGE)
    edit(pack, "cfg_capacity", "カスタマーサクセス担当,0.1,", "カスタマーサクセス担当,14,")
    answer = ask_hours(home, "high=+12")
    assert (answer.as_of, answer.scenario) == (day, "high=+12")
    assert [(mover.customer_id, mover.to_tier) for mover in answer.movers] == [("a", "high")]
    figures = {row["item"]: row for row in answer.figures.to_pylist()}
    assert figures["supply_csm"]["difference"] == pytest.approx(12)
    # Renewal of .1 at +15 % (middle) and of .9 at +1 %: high touch moves only the first.
    assert figures["expected_churned_customers"]["after"] == pytest.approx(1 - 0.1 * 1.15 + 1 - 0.9 * 1.01)


def test_question_to_a_home_without_a_decision_names_the_way_out(home):
    with pytest.raises(NarukiError, match="run `naruki run` for that day first"):
        ask_hours(home, "high=+1")
