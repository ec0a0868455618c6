"""What a decision was made from, kept beside its result: so that it can be made again, byte for byte, and so that the
next decision can tell why a tier moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from naruki.errors import NarukiError
from naruki.home import KEPT, Home
from naruki.tiering.moves import Before
from naruki.tiering.policy import Policy, load_policy
from naruki.tiering.policy_schema import SCHEMAS

# Under computed/ and never published (home.KEPT): they repeat the mart and the seeds.
FACTS, JUDGEMENTS, SUPPLY, RESTATED, PACK, RUN = (
    f"{KEPT}{name}" for name in ("facts", "judgements", "supply", "restated", "policy", "run")
)
_RUN = pa.schema([("as_of_date", pa.date32()), ("landed_until", pa.timestamp("us")), ("code_version", pa.string())])
_PACK = pa.schema([("as_of_date", pa.date32()), ("file", pa.string()), ("content", pa.string())])


@dataclass(frozen=True)
class Inputs:
    """All that a decision reads, besides the tiers before it.

    facts: rows of mart_customer_facts. supply: week_start_date, pool, hours of rosters (may have no row).
    landed_until: when (UTC) the newest row behind the facts had landed.
    """

    as_of: date
    facts: pa.Table
    judgements: pa.Table
    supply: pa.Table
    policy: Policy
    landed_until: datetime | None
    code_version: str


def keep(home: Home, inputs: Inputs, seeds: Path) -> None:
    """Store the inputs of a day; a rerun replaces its own day. seeds: the folder that the policy was read from."""
    day = inputs.as_of
    run = {"as_of_date": day, "landed_until": inputs.landed_until, "code_version": inputs.code_version}
    rows = {FACTS: inputs.facts, JUDGEMENTS: inputs.judgements, SUPPLY: inputs.supply, PACK: _pack(seeds, day)}
    rows[RUN] = pa.Table.from_pylist([run], schema=_RUN)
    for name, table in rows.items():
        home.write_computed(name, day, table)


def kept(home: Home, on: date) -> Inputs | None:
    """The inputs of a day's decision; None where they were not kept, or where this version can't read its policy."""
    tables = {name: home.read_computed(name, on=on) for name in (FACTS, JUDGEMENTS, SUPPLY, PACK, RUN)}
    if any(table is None for table in tables.values()):
        return None
    try:
        policy = _unpack(tables[PACK])
    except NarukiError:
        return None
    (run,) = tables[RUN].to_pylist()
    landed, code = run["landed_until"], run["code_version"]
    return Inputs(on, tables[FACTS], tables[JUDGEMENTS], tables[SUPPLY], policy, landed, code)


def newest_day(home: Home, day: date | None = None) -> date | None:
    """`day`, if it was decided, or the newest decided day."""
    tiers = home.read_computed("customer_tiers", on=day)
    return tiers["as_of_date"][0].as_py() if tiers is not None and tiers.num_rows else None


def before(home: Home, day: date) -> Before | None:
    """Inputs of the decision before `day`, with its facts as they are known now where late rows changed them."""
    tiers = home.read_computed("customer_tiers", before=day)
    inputs = kept(home, tiers["as_of_date"][0].as_py()) if tiers is not None and tiers.num_rows else None
    if inputs is None:
        return None
    restated = home.read_computed(RESTATED, on=day)
    corrected = restated if restated is not None and restated.num_rows else None
    return Before(inputs.facts, inputs.policy, inputs.as_of, corrected, inputs.supply)


def anybody_moves(inputs: Inputs, previous: pa.Table | None) -> bool:
    """Whether a customer moves, or is newly found to have to: only then is a cause looked for. previous: tiers."""
    import numpy as np

    from naruki.tiering.tiers import decide

    d = decide(
        inputs.facts,
        inputs.policy,
        previous,
        inputs.judgements,
        inputs.as_of,
        supply=inputs.supply,
        with_robustness=False,
    )
    memory, found = d.memory, d.settled.verdict.candidate
    known = (found == memory.candidate) & ~np.equal(memory.candidate_cause, None)
    return bool(((memory.tier >= 0) & ((d.settled.tier != memory.tier) | (found >= 0)) & ~known).any())


def _pack(seeds: Path, day: date) -> pa.Table:
    names = [f"{name}.csv" for name in sorted({*SCHEMAS, "cfg_setting"})]
    rows = [{"as_of_date": day, "file": name, "content": (seeds / name).read_bytes().decode("utf-8")} for name in names]
    return pa.Table.from_pylist(rows, schema=_PACK)


def _unpack(pack: pa.Table) -> Policy:
    with TemporaryDirectory() as folder:
        for row in pack.to_pylist():
            (Path(folder) / row["file"]).write_bytes(row["content"].encode("utf-8"))
        return load_policy(folder)
