"""SQL that turns a cell of text into a typed value, or null when it can't be read: never an error, never a guess."""

from __future__ import annotations

from naruki.sources.contract import Column

# Full-width digits and marks, as typed with a Japanese input method, and their plain counterparts.
_WIDE = "０１２３４５６７８９，．－−＋￥＄（）：／％　"
_PLAIN = "0123456789,.--+¥$():/% "
# The first day of each era and the year before its year 1 (令和1年 = 2019).
_ERAS = (("令和", "R", 2018), ("平成", "H", 1988), ("昭和", "S", 1925), ("大正", "T", 1911), ("明治", "M", 1867))
_TRUE = ("true", "t", "yes", "y", "1", "はい")
_FALSE = ("false", "f", "no", "n", "0", "いいえ")

_ISO_UTC = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d{1,6})?Z?)?"
_DATE_LIKE = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d{1,2}:.*)?"
_TWELVE_HOURS = "['%Y-%m-%d %I:%M %p', '%Y-%m-%d %I:%M:%S %p', '%Y/%m/%d %I:%M %p', '%Y/%m/%d %I:%M:%S %p']"
_GROUPED = r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?"
_DECIMAL = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?"


def quoted(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def text_of(expression: str) -> str:
    """Trimmed text (full-width blanks and byte order marks too); empty is null.

    Few cells need trimming, and looking at their ends takes a fifth of the time.
    """
    ends = " or ".join(f"suffix({expression}, {blank})" for blank in ("' '", "'\u3000'", "chr(9)", "chr(10)"))
    is_trim = f"ascii({expression}) > 32 and ascii({expression}) not in (12288, 65279) and not ({ends})"
    trimmed = f"nullif(trim({expression}, ' \u3000\ufeff' || chr(9) || chr(10)), '')"
    return f"case when {is_trim} then {expression} else {trimmed} end"


def typed(text: str, column: Column, *, utc: bool = True) -> str:
    """SQL over `text` (a column of trimmed text, null when empty) that gives the typed value or null.

    Timestamps without a zone are read in the session's time zone and stored in UTC; `utc` says that the session's
    zone is UTC, which allows a shorter way.
    """
    if column.values:
        return allowed(text, column)
    match column.type:
        case "integer":
            return _integer(text)
        case "number":
            return _number(text)
        case "boolean":
            return _boolean(text)
        case "timestamp":
            return _timestamp(text, utc)
        case "date":
            return _local_date(text)
        case "json":
            # Written anew: escapes such as \u0040 would hide what has to be redacted.
            return f"case when json_valid({text}) then cast(json({text}) as varchar) end"
        case _:
            return text


def allowed(text: str, column: Column) -> str:
    """The contract's spelling of a value, or null when the contract doesn't know it."""
    cases = " ".join(f"when {literal(value.lower())} then {literal(value)}" for value in column.values)
    return f"case lower({text}) {cases} end"


def native(value: str, duckdb_type: str, column: Column) -> str | None:
    """SQL that takes a value of a parquet column as it is, or null (None) if it must go through text."""
    kind = duckdb_type.upper()
    if column.values:
        return None
    if column.type == "timestamp" and kind.startswith(("TIMESTAMP", "DATE")):
        # a null stays null; infinities are no instants
        return f"case when isfinite({value}) then timezone('UTC', cast({value} as timestamptz)) end"
    if column.type == "date" and kind == "DATE":
        return f"case when isfinite({value}) then {value} end"
    if column.type == "boolean" and kind == "BOOLEAN":
        return value
    if column.type == "integer" and kind in {
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
    }:
        return f"cast({value} as bigint)"
    if column.type == "number" and (kind in {"DOUBLE", "FLOAT"} or kind.startswith("DECIMAL") or kind.endswith("INT")):
        return f"case when isfinite(cast({value} as double)) then cast({value} as double) end"
    return None


def as_text(value: str, duckdb_type: str) -> str:
    """SQL that writes any value as text: lists with commas, nested values as JSON."""
    kind = duckdb_type.upper()
    if kind == "VARCHAR":
        return value
    if kind == "VARCHAR[]":
        return f"array_to_string({value}, ',')"
    if kind.startswith(("STRUCT", "MAP")) or kind.endswith("[]"):
        return f"cast(to_json({value}) as varchar)"
    if kind == "BLOB":
        return f"try(decode({value}))"
    if kind in {"DOUBLE", "FLOAT"}:
        # Data frames turn ids with gaps into 5.0 and the gaps into NaN.
        whole = (
            f"case when {value} = trunc({value}) and abs({value}) < 1e15 then cast(cast({value} as bigint) as varchar)"
        )
        return f"{whole} when not isnan({value}) then cast({value} as varchar) end"
    if kind.startswith("TIMESTAMP") and "ZONE" in kind:
        return f"strftime(timezone('UTC', {value}), '%Y-%m-%dT%H:%M:%S.%fZ')"
    return f"cast({value} as varchar)"


def _bind(value: str, name: str, body: str) -> str:
    """`body` with `name` standing for `value`, so that a long expression is computed once."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def _plain(text: str) -> str:
    return f"translate({text}, {literal(_WIDE)}, {literal(_PLAIN)})"


def _bare_number(text: str) -> str:
    """A number without currency signs, grouping and the accountants' ways to write a minus; null if it is none."""
    unsigned = f"regexp_replace({_plain(text)}, '[ \\t¥￥$円]', '', 'g')"
    signed = f"regexp_replace(regexp_replace({unsigned}, '^\\(([^()+-]*)\\)$', '-\\1'), '^[△▲]', '-')"
    grouped = _bind(signed, "s", f"case when regexp_full_match(s, '{_GROUPED}') then replace(s, ',', '') else s end")
    return _bind(grouped, "n", f"case when regexp_full_match(n, '{_DECIMAL}') then n end")


def _number(text: str) -> str:
    plain = f"case when regexp_full_match({text}, '{_DECIMAL}') then {_finite(text)} end"
    return f"case when {text} is not null then coalesce({plain}, {_finite(_bare_number(text))}) end"


def _finite(text: str) -> str:
    return f"nullif(nullif(try_cast({text} as double), 'inf'), '-inf')"


def _integer(text: str) -> str:
    """Whole numbers only: 12.0 is one, 12.5 is not and isn't rounded in silence."""
    plain = f"case when regexp_full_match({text}, '[+-]?\\d{{1,19}}') then try_cast({text} as bigint) end"
    exact = f"try_cast({_bare_number(text)} as decimal(38, 9))"
    any_way = _bind(exact, "d", "case when d = trunc(d) then try_cast(d as bigint) end")
    return f"case when {text} is not null then coalesce({plain}, {any_way}) end"


def _boolean(text: str) -> str:
    yes = ", ".join(literal(value) for value in _TRUE)
    no = ", ".join(literal(value) for value in _FALSE)
    any_way = _bind(f"lower({_plain(text)})", "w", f"case when w in ({yes}) then true when w in ({no}) then false end")
    plain = f"when {text} in ({yes}) then true when {text} in ({no}) then false"
    return f"case {plain} when {text} is not null then {any_way} end"


def _timestamp(text: str, utc: bool) -> str:
    any_way = f"timezone('UTC', {_bind(_western(text), 'w', _instant('w'))})"
    if not utc:
        return f"case when {text} is not null then {any_way} end"
    plain = f"case when regexp_full_match({text}, '{_ISO_UTC}') then try_cast({text} as timestamp) end"
    return f"case when {text} is not null then coalesce({plain}, {any_way}) end"


def _instant(text: str) -> str:
    twelve = f"cast(try_strptime({text}, {_TWELVE_HOURS}) as timestamptz)"
    return f"coalesce(try_cast({text} as timestamptz), {twelve})"


def _local_date(text: str) -> str:
    """The day as written, without any zone arithmetic: what a date column means."""
    day = f"regexp_extract({_western(text)}, '^[0-9/-]+')"
    return f"case when {text} is not null then try_cast({day} as date) end"


def _western(text: str) -> str:
    """`2025年1月2日 3時4分`, `令和7年1月2日`, `R7.1.2`, `20250102` -> text that casts; null for what is no date."""
    plain = f"regexp_replace(replace(trim({_plain(text)}), '元年', '1年'), '\\([月火水木金土日]\\)', '')"
    era_year = " ".join(
        f"when regexp_matches(p, '^({name}|{letter}) ?\\d') then cast({before} + "
        f"cast(regexp_extract(p, '(\\d{{1,3}})', 1) as integer) as varchar) || regexp_replace(p, '^\\D+\\d{{1,3}}', '')"
        for name, letter, before in _ERAS
    )
    steps = _bind(plain, "p", f"case {era_year} else p end")
    for pattern, replacement in (
        (r"^(\d{4}) ?[年./] ?(\d{1,2}) ?[月./] ?(\d{1,2}) ?日?", r"\1-\2-\3 "),
        (r"^((?:19|20)\d\d)(\d\d)(\d\d)(T|$)", r"\1-\2-\3\4"),
        (r"(\d{1,2})時(\d{1,2})分(\d{1,2})秒", r"\1:\2:\3"),
        (r"(\d{1,2})時(\d{1,2})分", r"\1:\2"),
        (r"(\d{1,2})時", r"\1:00"),
        (r"^([0-9-]+) +", r"\1 "),
        (r"^([0-9-]+) T", r"\1T"),
        (r"(:\d\d(?:\.\d+)?) +([+-]\d\d)", r"\1\2"),
    ):
        steps = f"regexp_replace({steps}, '{pattern}', '{replacement}')"
    return _bind(f"trim({steps})", "d", f"case when regexp_full_match(d, '{_DATE_LIKE}') then d end")
