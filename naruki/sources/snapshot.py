"""Full snapshots: a delivery that holds all keys tells which keys are gone; they get a tombstone, never a delete."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from naruki.sources.cells import literal, quoted
from naruki.sources.contract import Table
from naruki.sources.file_landing import audit_columns
from naruki.sources.manifest import LANDED, SKIPPED, ManifestRow
from naruki.sources.mapping import Entry
from naruki.sources.session import Session

SNAPSHOT = "(full snapshot)"


def mark_vanished(session: Session, table: Table, entry: Entry, delivered: Sequence[ManifestRow]) -> list[ManifestRow]:
    """Tombstones (`_deleted_at` = now) for keys of this source that a complete new delivery no longer holds.

    Nothing is marked unless every file of the delivery landed, one of them newly, and no row went to quarantine: a key
    that can't be read is not gone. A delivery that lacks more keys than the limit is not believed and is a failure.
    """
    complete = all(row.status in {LANDED, SKIPPED} and not row.rows_quarantined for row in delivered)
    if not complete or not any(row.status == LANDED for row in delivered):
        return []
    row = session.begin(entry, SNAPSHOT, None)
    files = literal(str(session.home / "landing" / table.name / "*" / "*.parquet"))
    key = ", ".join(quoted(name) for name in table.key)
    same = " and ".join(f"alive.{quoted(name)} is not distinct from here.{quoted(name)}" for name in table.key)
    hashes = ", ".join(literal(file.file_sha256 or "") for file in delivered)
    mine = f"select * from read_parquet({files}, hive_partitioning = false) where _source = {literal(entry.source)}"
    alive = (
        f"select * exclude (_version) from (select *, row_number() over (partition by {key} order by _loaded_at desc, "
        f"_load_id desc, _row_number desc) as _version from ({mine})) where _version = 1 and _deleted_at is null"
    )
    gone = (
        f"select * from ({alive}) as alive where not exists "
        f"(select 1 from ({mine} and _file_sha256 in ({hashes})) as here where {same})"
    )
    count, total = session.con.execute(
        f"select (select count(*) from ({gone})), (select count(*) from ({alive}))"
    ).fetchone()
    if not count:
        return []
    if count > session.limits.vanished_share * total:
        told = (
            f"of {table.name} lacks {count:,} of {total:,} keys and is not believed; deliver all or drop full_snapshot"
        )
        return [session.record(replace(row, message=told))]
    audit = audit_columns(
        row, _row_number="row_number() over ()", _deleted_at=literal(row.loaded_at.isoformat(sep=" "))
    )
    columns = ", ".join(quoted(name) for name in table.column_names)
    path = session.target("landing", row)
    landed = session.copy_aside(f"select {columns}, {audit} from ({gone})", path)
    os.replace(path.with_suffix(".tmp"), path)
    told = f"{landed:,} keys are gone from the source and marked deleted"
    return [session.record(replace(row, status=LANDED, rows_read=landed, rows_landed=landed, message=told))]
