"""A small reading of dbt's semantic manifest: enough to turn a metric into a number of the published tables."""

import re
from typing import Any

import duckdb

AGGREGATIONS = {"sum": "sum({})", "sum_boolean": "count(*) filter (where {})", "count": "count({})"}


class Metrics:
    """Metrics of a semantic manifest, computed on published.duckdb."""

    def __init__(self, manifest: dict[str, Any], connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.metrics = {metric["name"]: metric for metric in manifest["metrics"]}
        self.measures = {
            measure["name"]: (model, measure) for model in manifest["semantic_models"] for measure in model["measures"]
        }

    def value(self, name: str, where: str = "true") -> float | None:
        """The metric over the rows of `where`, which speaks the columns of its table."""
        parameters = self.metrics[name]["type_params"]
        if self.metrics[name]["type"] == "ratio":
            above, below = (self.input(parameters[part], where) for part in ("numerator", "denominator"))
            return above / below if below else None
        return self.measure(parameters["measure"]["name"], where)

    def input(self, metric: dict[str, Any], where: str) -> float | None:
        filters = [one["where_sql_template"] for one in (metric["filter"] or {"where_filters": []})["where_filters"]]
        asked = [re.sub(r"\{\{ Dimension\('\w+?__(\w+)'\) \}\}", r"\1", one) for one in filters]
        return self.value(metric["name"], " and ".join([where, *asked]))

    def measure(self, name: str, where: str) -> float | None:
        model, measure = self.measures[name]
        table = model["node_relation"]["alias"]
        if semi := measure["non_additive_dimension"]:
            column = next(d["expr"] or d["name"] for d in model["dimensions"] if d["name"] == semi["name"])
            where += f" and {column} = (select {semi['window_choice']}({column}) from {table} where {where})"
        total = AGGREGATIONS[measure["agg"]].format(measure["expr"] or measure["name"])
        (found,) = self.connection.execute(f"select {total} from {table} where {where}").fetchone()
        return None if found is None else float(found)
