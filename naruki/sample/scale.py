"""How big a sample is, and what came of writing one."""

from __future__ import annotations

from dataclasses import dataclass, field

from naruki.errors import NarukiError


@dataclass(frozen=True)
class Scale:
    """Customers, expected usage events and expected tickets; big ones are written as parquet in chunks."""

    name: str
    customers: int
    usage_events: int
    tickets: int
    is_big: bool


SCALES = {
    "xs": Scale("xs", 200, 20_000, 2_000, False),
    "s": Scale("s", 2_000, 250_000, 20_000, False),
    "m": Scale("m", 100_000, 10_000_000, 1_000_000, True),
    "l": Scale("l", 1_000_000, 100_000_000, 10_000_000, True),
}


@dataclass
class SampleSummary:
    """Rows of each file written and the blemishes put into them, by table and kind."""

    scale: str
    seed: int
    rows: dict[str, int] = field(default_factory=dict)
    truth_rows: dict[str, int] = field(default_factory=dict)
    blemishes: dict[str, dict[str, int]] = field(default_factory=dict)


def scale_named(name: str) -> Scale:
    """The scale of that name.

    Raises NarukiError for a name that does not exist.
    """
    if name not in SCALES:
        raise NarukiError(f"There is no sample scale '{name}'; choose one of {', '.join(SCALES)}.")
    return SCALES[name]
