import csv
import shutil

import pytest
import yaml

from naruki.errors import NarukiError
from naruki.tiering.policy import load_policy
from naruki.tiering.policy_schema import SCHEMAS


@pytest.fixture
def pack(seeds, tmp_path):
    """A copy of the shipped pack that a test may break."""
    for name in (*SCHEMAS, "cfg_setting"):
        shutil.copy(seeds / f"{name}.csv", tmp_path)
    return tmp_path


def edit(pack, name: str, old: str, new: str) -> None:
    path = pack / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_shipped_pack_gives_a_newcomer_a_first_policy(shipped):
    assert shipped.tier_names == ("tech", "low", "high")
    assert {row.quadrant: row.label_ja for row in shipped.quadrants} == {
        "money_tree": "金の成る木",
        "money_seedling": "金の苗木",
        "wisdom_tree": "知恵の成る木",
        "testing_ground": "実験場",
    }


@pytest.mark.parametrize(
    ("tier", "actions"),
    [
        (
            "high",
            "visit success_plan consulting onboarding_individual regular_meeting study_session customisation plan_sale",
        ),
        ("low", "onboarding_group phone_call personal_mail training_programme workshop event"),
        ("tech", "automated_mail step_mail in_app_guide faq help_centre video_manual chatbot"),
    ],
)
def test_catalogue_holds_every_action_of_the_tier_in_both_languages(shipped, tier, actions):
    found = {row.action: row for row in shipped.actions if row.tier == tier}
    assert set(found) == set(actions.split())
    assert all(
        (row.label_en and any(ord(letter) > 0x3000 for letter in row.label_ja)) or row.action == "faq"
        for row in found.values()
    )


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_description_of_a_seed_names_exactly_its_columns(seeds, name):
    described = yaml.safe_load((seeds / f"{name}.yml").read_text(encoding="utf-8"))["seeds"][0]
    header = next(csv.reader((seeds / f"{name}.csv").open(encoding="utf-8")))
    columns = [text.partition(":")[0] for text in SCHEMAS[name]]
    assert header == columns == [column["name"] for column in described["columns"]]
    assert list(described["config"]["column_types"]) == columns
    assert all(column["description"] for column in described["columns"])


def test_version_follows_every_byte_and_every_shared_setting(pack):
    first = load_policy(pack).version
    assert load_policy(pack).version == first
    edit(pack, "cfg_tier", "ハイタッチ", "ハイ・タッチ")
    second = load_policy(pack).version
    edit(pack, "cfg_setting", "silent_days,90", "silent_days,60")
    assert len({first, second, load_policy(pack).version}) == 3


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("cfg_tier", "tier,rank", "tier,order", r"cfg_tier\.csv: column rank is missing"),
        ("cfg_tier", "high,3", "high,three", r"cfg_tier\.csv row 2, column rank: 'three' is not a whole number"),
        ("cfg_tier", ",csm,", ",heroes,", r"cfg_tier\.csv row 2: main_pool 'heroes' is not in cfg_capacity\.csv"),
        ("cfg_tier", "low,2", "community,2", "community is an overlay"),
        (
            "cfg_capacity",
            "5200,JPY",
            "5200,USD",
            r"cfg_capacity\.csv row 2: currency USD is not the reporting currency JPY",
        ),
        ("cfg_capacity", "csm,", "programme,", r"cfg_capacity\.csv row 3: .* stands already in row 2"),
        ("cfg_action", "true,25", "true,", r"cfg_action\.csv row \d+: a group action needs attendees"),
        ("cfg_action", "visit,high", "visit,highest", r"cfg_action\.csv row 2: tier 'highest' is not in cfg_tier\.csv"),
        ("cfg_uplift", "0.030,0.060", "0.090,0.060", r"cfg_uplift\.csv row 3: must have low <= mid <= high"),
        ("cfg_uplift", "assumed", "guessed", r"cfg_uplift\.csv row 2, column uplift_source: 'guessed' is none of"),
        (
            "cfg_segment_axis",
            "quantile,0.70",
            "quantile,70",
            r"cfg_segment_axis\.csv row 2: cut_value 70 is no quantile",
        ),
        ("cfg_quadrant", "money_tree,high,low", "money_tree,low,low", "four combinations"),
        ("cfg_quadrant_policy", "check_in;", "chek_in;", r"action 'chek_in' is not in cfg_action\.csv"),
        ("cfg_tier_setting", "band_sd,0.25", "band_sd,wide", r"setting band_sd: 'wide' is not a number"),
        ("cfg_tier_setting", "band_sd,", "band_width,", r"setting band_width is unknown"),
        (
            "cfg_tier_setting",
            "onboarding_tier,low",
            "onboarding_tier,lo",
            r"setting onboarding_tier: 'lo' is not in cfg_tier\.csv",
        ),
        ("cfg_setting", "silent_days,", "silence_days,", r"cfg_setting\.csv: setting silent_days is missing"),
        ("cfg_trigger", "at_least,0.6", "at_least,", r"cfg_trigger\.csv row \d+: operator at_least needs a value"),
    ],
)
def test_mistake_in_a_policy_file_is_told_with_file_row_and_setting(pack, name, old, new, message):
    edit(pack, name, old, new)
    with pytest.raises(NarukiError, match=message):
        load_policy(pack)


def test_override_without_a_reason_is_refused(pack):
    with (pack / "cfg_override.csv").open("a", encoding="utf-8") as lines:
        lines.write("C1,high,,Hana Example,2026-01-01,2026-06-30\n")
    with pytest.raises(NarukiError, match=r"cfg_override\.csv row 2, column reason: must not be empty"):
        load_policy(pack)


def test_missing_file_names_the_way_out(pack):
    (pack / "cfg_uplift.csv").unlink()
    with pytest.raises(NarukiError, match=r"cfg_uplift\.csv is missing .* copy the shipped one back"):
        load_policy(pack)


def test_capacity_changes_on_the_day_its_row_says(pack, day):
    edit(pack, "cfg_capacity", "csm,Customer success managers,カスタマーサクセス担当,14,0.10,5200,JPY,,", ROWS)
    policy = load_policy(pack)
    weeks = policy.supply(day)[:, 0] / policy.tier_share(policy.pools[0])
    # The weeks start on 1, 8, 15 … April: the new row holds from the third on.
    assert weeks[:4].tolist() == pytest.approx([160, 160, 80, 80])


ROWS = "csm,Managers,担当,160,0.10,5200,JPY,,2026-04-14\ncsm,Managers,担当,80,0.10,5200,JPY,2026-04-15,"
