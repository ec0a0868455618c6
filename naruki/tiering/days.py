"""Which business day an instant belongs to: what people write down is stamped in UTC, decisions close in the business
zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from naruki.errors import NarukiError


def business_day(value: Any, zone: str, what: str) -> date | None:
    """The day of a date, an instant (UTC where it names no zone) or a text of either; None where unknown."""
    if value is None or value != value:
        return None
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            raise NarukiError(f"{what}: {value!r} is not a date such as 2026-04-01.") from None
    if not isinstance(value, datetime):
        return value
    instant = value if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        return instant.astimezone(ZoneInfo(zone)).date()
    except ZoneInfoNotFoundError:
        text = f"cfg_setting.csv, setting business_time_zone: {zone!r} is no time zone; write one such as Asia/Tokyo."
        raise NarukiError(text) from None
