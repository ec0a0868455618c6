"""The SQL of one file: source columns -> canonical text -> typed cells -> what lands and what is quarantined."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import duckdb

from naruki.sources import cells
from naruki.sources.cells import literal, quoted
from naruki.sources.contract import Column, Table
from naruki.sources.decode import UnreadableFile
from naruki.sources.headers import match_header
from naruki.sources.mapping import Entry
from naruki.sources.privacy import hashed, keyed, redacted, redacted_json
from naruki.sources.reading import LINE, ROW, Reading


@dataclass(frozen=True)
class Plan:
    """How a file's columns become the columns of a table.

    `expressions`: canonical column -> SQL over the source's columns; `types`: their DuckDB types; `used`: source column
    -> whether a column that lands as a hash is made of it; `unknown`: source columns of no known name, kept out.
    """

    table: Table
    entry: Entry
    reading: Reading
    expressions: dict[str, str]
    types: dict[str, str]
    used: dict[str, bool]
    unknown: tuple[str, ...] = ()
    derived_key: str | None = None
    mapped: tuple[Column, ...] = field(default=())


def plan_file(con: duckdb.DuckDBPyConnection, table: Table, entry: Entry, reading: Reading) -> Plan:
    """Match a file's columns with the table's; raises UnreadableFile when required ones are missing or SQL is wrong."""
    expressions = dict(entry.columns)
    match = match_header(list(reading.columns), table)
    if entry.same_names:
        expressions |= {name: quoted(found) for name, found in match.columns.items() if name not in expressions}
    derived = table.key_from_hash if table.key_from_hash not in expressions else None
    missing = [name for name in table.required if name not in expressions and name != derived]
    found = ", ".join(list(reading.columns)[:30])
    if missing:
        raise UnreadableFile(
            f"lacks the required column{'s' if len(missing) > 1 else ''} {', '.join(missing)} (found: {found}; "
            f"expected: {', '.join(table.required)}); rename the header or map it under `columns:`"
        )
    if table.one_of and not any(name in expressions for name in table.one_of):
        raise UnreadableFile(
            f"lacks {' and '.join(table.one_of)}, of which one is needed (found: {found}); map one under `columns:`"
        )
    mapped = tuple(column for column in table.columns if column.name in expressions)
    types = {column.name: _type_of(con, reading, column.name, expressions[column.name]) for column in mapped}
    used: dict[str, bool] = {}
    for column in mapped:
        for name in _columns_in(con, expressions[column.name], reading):
            used[name] = used.get(name, False) or column.privacy == "hash"
    if entry.where:
        _type_of(con, reading, "where", entry.where)
        for name in _columns_in(con, entry.where, reading):
            used.setdefault(name, False)
    # Who maps column by column has seen the others; by name alone, a column may be misspelt.
    unknown = tuple(name for name in reading.columns if name not in used) if entry.same_names else ()
    return Plan(table, entry, reading, expressions, types, used, unknown, derived, mapped)


def _type_of(con: duckdb.DuckDBPyConnection, reading: Reading, name: str, expression: str) -> str:
    try:
        return con.execute(f"describe select ({expression}) as x from ({reading.relation}) as source").fetchall()[0][1]
    except duckdb.Error as error:
        first = str(error).split("\n")[0]
        raise UnreadableFile(
            f"can't be mapped: the expression of {name} is wrong ({first}; found: {', '.join(reading.columns)}); "
            "correct it in sources.yml"
        ) from None


def _columns_in(con: duckdb.DuckDBPyConnection, expression: str, reading: Reading) -> list[str]:
    """The source columns that an expression reads."""
    tree = json.loads(con.execute("select json_serialize_sql(?)", [f"select {expression}"]).fetchone()[0])
    names: set[str] = set()

    def visit(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") == "COLUMN_REF":
                names.add(node["column_names"][-1].casefold())
            for value in node.values():
                visit(value)
        elif isinstance(node, list):
            for value in node:
                visit(value)

    visit(tree)
    return [column for column in reading.columns if column.casefold() in names]


def checked(plan: Plan, *, with_cells: bool = False) -> str:
    """SELECT of every row that the mapping takes: typed cells, `_reasons` (null if it may land), `_nulled_columns`.

    `with_cells` keeps what `raw_cells` needs: the source's cells as they came.
    """
    where = f"where coalesce(cast(({plan.entry.where}) as boolean), false)" if plan.entry.where else ""
    line = f", {quoted(LINE)}" if plan.reading.format == "jsonl" else ""
    if line and where:
        where += f" or {quoted(LINE)} is not null"
    keep = "".join(f", {_kept(number)}" for number, _ in enumerate(plan.used)) if with_cells else ""
    given = "".join(f", {quoted(n)} as {_kept(i)}" for i, n in enumerate(plan.used)) if with_cells else ""
    values = "".join(f", ({plan.expressions[c.name]}) as {quoted('x_' + c.name)}" for c in plan.mapped)
    mapped = (
        f"select {quoted(ROW)} as _row_number{line}{given}{values} from ({plan.reading.relation}) as source {where}"
    )
    texts = "".join(f", {_text(plan, c)} as {quoted('t_' + c.name)}" for c in plan.mapped)
    typed = "".join(f", {_typed(plan, c)} as {quoted(c.name)}" for c in plan.mapped)
    kept = "".join(f", {quoted('t_' + c.name)}" for c in plan.mapped)
    columns = "".join(f", {quoted(c.name)}" for c in plan.mapped)
    outer = f"{line}{keep}" if with_cells else ""
    return (
        f"select _row_number{outer}{columns}, {_reasons(plan)} as _reasons, {_nulled(plan)} as _nulled_columns from ("
        f"select _row_number{line}{keep}{kept}{typed} from (select _row_number{line}{keep}{texts} from ({mapped})))"
    )


def _kept(number: int) -> str:
    return quoted(f"r_{number}")


def _text(plan: Plan, column: Column) -> str:
    name, kind = quoted("x_" + column.name), plan.types[column.name]
    if cells.native(name, kind, column) is not None:
        return name
    as_text = cells.as_text(name, kind)
    text = cells.text_of(name) if as_text == name else f"list_transform([{as_text}], lambda t: {cells.text_of('t')})[1]"
    nulls = plan.entry.options.null_values
    if not nulls:
        return text
    listed = ", ".join(literal(value.strip()) for value in nulls)
    return f"list_transform([{text}], lambda t: case when t not in ({listed}) then t end)[1]"


def _typed(plan: Plan, column: Column) -> str:
    name = quoted("t_" + column.name)
    as_it_is = cells.native(name, plan.types[column.name], column)
    return as_it_is or cells.typed(name, column, utc=plan.entry.options.time_zone == "UTC")


def _reasons(plan: Plan) -> str:
    """Every reason why a row can't land, joined by `; `, or null."""
    table, is_json = plan.table, plan.reading.format == "jsonl"
    faults: list[tuple[str, str]] = []
    for column in plan.mapped:
        name, text = quoted(column.name), quoted("t_" + column.name)
        if column.required:
            what = f"not one of {', '.join(column.values)}" if column.values else f"no {column.type}"
            missing, wrong = literal(f"{column.name} is missing"), literal(f"{column.name} is {what}")
            faults.append((f"{name} is null", f"case when {text} is null then {missing} else {wrong} end"))
        if plan.reading.format != "csv" and plan.types[column.name] == "VARCHAR":
            faults.append((f"contains({text}, chr(0))", literal(f"{column.name} holds a NUL character")))
    one_of = [quoted(name) for name in table.one_of if name in plan.expressions]
    if one_of:
        faults.append(
            (" and ".join(f"{name} is null" for name in one_of), literal(f"{' or '.join(table.one_of)} is missing"))
        )
    reasons = _listed(faults, "; ")
    line = quoted(LINE)
    return f"case when {line} is not null then 'not a JSON object' else {reasons} end" if is_json else reasons


def _nulled(plan: Plan) -> str:
    """The optional columns whose cell holds something that can't be read, joined by commas, or null."""
    lost = [
        (f"({quoted(c.name)} is null and {quoted('t_' + c.name)} is not null)", literal(c.name))
        for c in plan.mapped
        if not c.required and (c.type != "string" or c.values)
    ]
    return _listed(lost, ",")


def _listed(faults: list[tuple[str, str]], separator: str) -> str:
    """What applies of (condition, text), joined; null if nothing does. Most rows are good, so that is asked first."""
    if not faults:
        return "cast(null as varchar)"
    any_fault = " or ".join(f"({condition})" for condition, _ in faults)
    each = ", ".join(f"case when {condition} then {text} end" for condition, text in faults)
    return f"case when {any_fault} then concat_ws({literal(separator)}, {each}) end"


def raw_cells(plan: Plan) -> str:
    """SQL over `checked(…, with_cells=True)`: the cells that the mapping reads, as text of a JSON object.

    What the mapping keeps out is not copied into quarantine. Every cell is redacted, since in a broken row a name or an
    address may stand in any column; that is dear, so this belongs above the filter that picks the rows.
    """
    pairs = []
    for number, (name, is_hashed) in enumerate(plan.used.items()):
        text = cells.as_text(_kept(number), plan.reading.columns[name])
        pairs.append(f"{literal(name)}, {hashed(text) if is_hashed else redacted(text)}")
    cells_as_json = f"cast(json_object({', '.join(pairs)}) as varchar)"
    if plan.reading.format != "jsonl":
        return cells_as_json
    return f"case when {quoted(LINE)} is not null then {redacted(quoted(LINE))} else {cells_as_json} end"


def landing_columns(plan: Plan) -> str:
    """The canonical columns of a row that lands, private ones made safe, absent ones null, in the contract's order."""
    listed = []
    for column in plan.table.columns:
        name = quoted(column.name)
        if column.name == plan.derived_key:
            value = "case when _repeat > 1 then _hash || '-' || _repeat else _hash end"
        elif column.name not in plan.expressions:
            value = f"cast(null as {column.sql_type})"
        elif column.privacy == "hash":
            value = hashed(name)
        elif column.privacy == "redact":
            value = redacted_json(name) if column.type == "json" else redacted(name)
        else:
            value = name
        listed.append(f"{value} as {name}")
    return ", ".join(listed)


def with_derived_key(plan: Plan, rows: str) -> str:
    """Rows that may land; a missing id becomes the keyed hash of the row's content, numbered among identical rows.

    Columns that a row lacks don't enter the hash, so that a column added to the contract leaves old keys as they are.
    """
    fit = f"select * from ({rows}) where _reasons is null"
    if plan.derived_key is None:
        return fit
    parts = ", ".join(f"{literal(c.name + '=')} || cast({quoted(c.name)} as varchar)" for c in plan.mapped)
    content = f"concat_ws(chr(31), {parts})"
    hash_ = f"left({keyed(content)}, 32)"
    repeat = "row_number() over (partition by _hash order by _row_number)"
    return f"select *, {repeat} as _repeat from (select *, {hash_} as _hash from ({fit}))"
