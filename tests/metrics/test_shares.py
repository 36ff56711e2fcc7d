"""A share lies between 0 and 1, and a count is never 0 where nobody counted."""

from __future__ import annotations

from metrics.counting.count_table import table_of
from metrics.values.compute import metric_values
from metrics.values.table_indicators import column_name
from metrics.values.table_twins import with_twins


def test_more_ratings_than_cases_are_no_share_and_say_why() -> None:
    """Three citizens rated where two cases came: S3 would be 150 %. Its parts are not told either."""
    counts = {"n_received": 2, "n_eligible": 2, "rating_4": 3, "known_rating": 3}
    table = table_of({("u", "2025", None): counts, (None, "2025", None): counts | {"n_received": 9, "n_eligible": 9}})
    unit, total, mean = metric_values(table, ["S3"])
    assert (unit.value, unit.reason, unit.numerator) == (None, "more_answers_than_cases", None)
    assert (total.value, total.numerator) == (3 / 9, 3)
    assert mean.reason is None or mean.value is None


def test_a_unit_that_handed_in_a_table_of_sums_has_not_received_nothing() -> None:
    """Its counts are those of the table; what the table does not say is missing, not 0; totals add both kinds up."""
    rows = column_name("intake", "rows")
    told = {rows: 1, column_name("intake", "received"): 40, column_name("intake", "closed"): 30}
    table = with_twins(
        table_of({
            ("a", "2025", None): {"n_received": 5, "n_closed": 4, "n_open": 1}, ("b", "2025", None): told,
            (None, "2025", None): {"n_received": 5, "n_closed": 4, "n_open": 1} | told,
        }),
        ["n_received", "n_closed", "n_open"], 1.0, 0.0,
    )  # fmt: skip
    found = {(v.metric, v.unit): v for v in metric_values(table, ["n_received", "n_closed", "n_open"])}
    assert [found["n_received", unit].value for unit in ("a", "b", None)] == [5, 40, 45]
    assert [found["n_received", unit].source for unit in ("a", "b", None)] == [None, "tables", "cases+tables"]
    assert found["n_closed", None].value == 34
    assert (found["n_open", "b"].value, found["n_open", "b"].reason) == (None, "only_in_tables")
    assert found["n_open", None].value == 1
