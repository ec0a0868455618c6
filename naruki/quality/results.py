"""The published table of all checks."""

import pyarrow as pa

CHECK_SCHEMA = pa.schema(
    [
        pa.field("as_of_date", pa.date32(), metadata={"en": "Day of the run"}),
        pa.field("table_name", pa.string(), metadata={"en": "Table that was checked"}),
        pa.field("check_name", pa.string(), metadata={"en": "Name of the dbt test or of the suite"}),
        pa.field("status", pa.string(), metadata={"en": "passed, warned or failed"}),
        pa.field("evidence", pa.string(), metadata={"en": "What was found"}),
        pa.field("n", pa.int64(), metadata={"en": "Rows that broke the rule, where it is about rows"}),
    ]
)
