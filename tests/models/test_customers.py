from tests.models.warehouse import build_warehouse


def test_the_newest_version_of_a_customer_counts(tmp_path):
    versions = [
        {"customer_id": "c1", "name": "Old", "signed_up_at": "2024-01-01 00:00", "updated_at": "2024-01-01 00:00"},
        {"customer_id": "c1", "name": "New", "signed_up_at": "2024-01-01 00:00", "updated_at": "2024-02-01 00:00"},
    ]
    warehouse = build_warehouse(tmp_path, {"customers": versions}, "+stg_customers")
    assert warehouse.execute("select customer_id, customer_name from stg_customers").fetchall() == [("c1", "New")]
