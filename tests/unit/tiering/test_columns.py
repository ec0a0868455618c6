import pyarrow as pa
import pytest

import naruki.tiering.schemas as schemas
from naruki.tiering.columns import LABELS, TABLES, describe


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_column_of_a_decision_table_has_a_meaning_and_a_japanese_label(table):
    columns = describe(table)
    assert [column.name for column in columns] == TABLES[table][0].names
    assert all(column.description.endswith(".") and column.label_ja for column in columns)
    assert [column.name for column in columns if column.is_key] == list(TABLES[table][1])


def test_every_decision_table_has_a_japanese_label():
    assert set(LABELS) == set(TABLES)


def test_every_schema_is_described():
    known = {id(schema) for schema, _ in TABLES.values()}
    assert {
        name for name, value in vars(schemas).items() if isinstance(value, pa.Schema) and id(value) not in known
    } == set()


def test_same_name_may_mean_another_thing_in_another_table():
    one, two = (
        {c.name: c.description for c in describe(table)}["demand_hours"]
        for table in ("customer_segments", "tier_capacity")
    )
    assert one != two
