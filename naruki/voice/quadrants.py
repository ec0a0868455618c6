"""What the quadrants say: the ideals of the wisdom trees, and themes that the testing ground knew first. DuckDB over Arrow
tables."""

from datetime import date

import pyarrow as pa

WISDOM_TREE, TESTING_GROUND = "wisdom_tree", "testing_ground"

IDEALS = pa.schema(
    [
        ("as_of_date", pa.date32()),
        ("customer_id", pa.string()),
        ("request_id", pa.string()),
        ("p_quadrant", pa.float64()),
        ("title", pa.string()),
        ("request_text", pa.string()),
        ("goal", pa.string()),
        ("request_status", pa.string()),
        ("fit_judgement", pa.string()),
        ("judged_by", pa.string()),
        ("judged_on", pa.date32()),
        ("mrr", pa.decimal128(18, 2)),
        ("requesters", pa.int64()),
        ("requesters_mrr", pa.decimal128(18, 2)),
        ("currency", pa.string()),
        ("requested_on", pa.date32()),
        ("shipped_on", pa.date32()),
    ]
)
ORIGINS = pa.schema(
    [
        ("as_of_date", pa.date32()),
        ("theme_kind", pa.string()),
        ("theme", pa.string()),
        ("first_quadrant", pa.string()),
        ("testing_first_on", pa.date32()),
        ("elsewhere_first_on", pa.date32()),
        ("days_ahead", pa.int64()),
        ("testing_customers", pa.int64()),
        ("elsewhere_customers", pa.int64()),
        ("chance_first", pa.float64()),
        ("is_hint", pa.bool_()),
    ]
)


def ideal_visions(requests: pa.Table, segments: pa.Table) -> pa.Table:
    """The requests of wisdom trees (`IDEALS`): rows of `product_requests` of one day, those with most revenue behind them
    first."""
    columns = ", ".join(f"segments.{name}" if name == "p_quadrant" else f"requests.{name}" for name in IDEALS.names)
    return _query(
        f"""
        select {columns} from requests inner join segments using (customer_id)
        where segments.quadrant = '{WISDOM_TREE}'
        order by requesters_mrr desc nulls last, request_id
        """,
        requests=requests,
        segments=segments,
    ).cast(IDEALS)


def theme_origins(mentions: pa.Table, segments: pa.Table, day: date, minimum: int) -> pa.Table:
    """One row per theme that at least `minimum` customers named (`ORIGINS`): where it was first heard.

    `mentions` has theme_kind, theme, customer_id, mentioned_on. A customer stands where it stands on the
    day of the run: quadrants of long ago are not known of every mention. A hint was heard in the testing ground at least
    a day before anywhere else, and has reached elsewhere; `chance_first` is the probability of that if the order were chance.
    """
    return _query(
        f"""
        with heard as (
            select mentions.*, segments.quadrant, segments.quadrant = '{TESTING_GROUND}' as is_testing
            from mentions inner join segments using (customer_id)
        ),
        counted as (
            select
                theme_kind, theme,
                arg_min(quadrant, (mentioned_on, customer_id)) as first_quadrant,
                min(mentioned_on) filter (is_testing) as testing_first_on,
                min(mentioned_on) filter (not is_testing) as elsewhere_first_on,
                count(distinct customer_id) filter (is_testing) as testing_customers,
                count(distinct customer_id) filter (not is_testing) as elsewhere_customers
            from heard group by theme_kind, theme having count(distinct customer_id) >= {int(minimum)}
        )
        select
            date '{day}' as as_of_date, theme_kind, theme, first_quadrant, testing_first_on, elsewhere_first_on,
            date_diff('day', testing_first_on, elsewhere_first_on) as days_ahead,
            testing_customers, elsewhere_customers,
            testing_customers / (testing_customers + elsewhere_customers) as chance_first,
            coalesce(testing_first_on < elsewhere_first_on, false) as is_hint
        from counted order by theme_kind, theme
        """,
        mentions=mentions,
        segments=segments,
    ).cast(ORIGINS)


def _query(sql: str, **tables: pa.Table) -> pa.Table:
    import duckdb

    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(sql).to_arrow_table()
