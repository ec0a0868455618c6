"""What a home keeps, and that nothing in it is half written."""

from datetime import date

import pyarrow as pa

from naruki.home import Home


def test_a_day_that_is_computed_again_replaces_itself_and_no_other_day(tmp_path):
    home = Home(tmp_path)
    home.write_computed("customer_tiers", date(2026, 10, 30), pa.table({"tier": ["low"]}))
    home.write_computed("customer_tiers", date(2026, 10, 31), pa.table({"tier": ["high", "high"]}))
    home.write_computed("customer_tiers", date(2026, 10, 31), pa.table({"tier": ["tech"]}))
    assert home.read_computed("customer_tiers", on=date(2026, 10, 31))["tier"].to_pylist() == ["tech"]
    assert home.read_computed("customer_tiers", before=date(2026, 10, 31))["tier"].to_pylist() == ["low"]


def test_decisions_of_the_past_are_read_from_days_before_only(tmp_path):
    home = Home(tmp_path)
    home.write_computed("customer_tiers", date(2026, 10, 31), pa.table({"tier": ["high"]}))
    assert home.read_computed("customer_tiers", before=date(2026, 10, 31)) is None


def test_the_salt_is_made_once_and_kept_from_other_users(tmp_path, monkeypatch):
    monkeypatch.delenv("NARUKI_SALT", raising=False)
    home = Home(tmp_path)
    assert home.salt() == home.salt()
    assert (tmp_path / ".salt").stat().st_mode & 0o077 == 0


def test_a_salt_from_the_environment_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("NARUKI_SALT", "secret")
    assert Home(tmp_path).salt() == "secret"
