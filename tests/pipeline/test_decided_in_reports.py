"""What reports print of decisions: exclusions whose case is of the period and counted, objections of all versions."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from pipeline.judgement import assessing, exclusions, objections
from pipeline.judgement.exclusions import Wanted
from pipeline.paper import reporting
from records.instance import Instance
from records.models import Exclusion
from reports import annual, workbook
from reports.blocks import Paragraph, Table
from tests.pipeline.test_cycle import (
    ANN,
    BOB,
    OPEN_CASE,
    at_state,
    drafted,
    instance,
    object_to_record,
    prepared,
    proof,
)
from tests.reports.test_documents import read_book

__all__ = ["drafted", "instance", "prepared"]


def approve(instance: Instance, case_no: str, unit: str = "u2") -> int:
    entry = exclusions.request(instance, ANN, Wanted(unit, case_no, "law"), proof())
    exclusions.decide(instance, BOB, entry, is_approved=True, answer="同意")
    return entry


def listed(instance: Instance, number: int) -> list[str]:
    return [row["case_no"] for row in reporting.source_for(instance, number).exclusions]


def draft(instance: Instance, period: str) -> int:
    return assessing.make_draft(instance, scheme_id="closing", period=period, by="ann", draws=20).number


def test_the_ledger_of_a_report_holds_the_cases_of_its_period_only(instance: Instance) -> None:
    approve(instance, OPEN_CASE)
    of_2024, of_2023 = draft(instance, "2024"), draft(instance, "2023")
    assert listed(instance, of_2024) == [OPEN_CASE]
    assert listed(instance, of_2023) == []


@pytest.mark.parametrize("is_file_old", [False, True])
def test_a_report_lists_what_its_result_counts_whatever_was_decided_since(
    instance: Instance, is_file_old: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = at_state(instance, "review")
    entry = approve(instance, OPEN_CASE)
    assert listed(instance, number) == []  # the result does not know of it yet
    again = assessing.recount(instance, number, by="ann").number
    assert listed(instance, again) == [OPEN_CASE]
    exclusions.take_back(instance, BOB, entry, why="文件无效")
    assert listed(instance, again) == [OPEN_CASE]
    assert listed(instance, assessing.recount(instance, again, by="ann").number) == []
    if is_file_old:  # it did not note the ledger: the one of today is taken
        forget_ledger(instance)
        assert listed(instance, again) == []


def forget_ledger(instance: Instance) -> None:
    for path in (instance.facts_folder / "prepared").glob("*.json.gz"):
        document = json.loads(gzip.decompress(path.read_bytes()))
        del document["ledger"]
        path.write_bytes(gzip.compress(json.dumps(document).encode()))


def test_as_many_are_listed_as_the_period_counts(instance: Instance) -> None:
    approve(instance, OPEN_CASE)
    number = draft(instance, "2024")
    source = reporting.source_for(instance, number)
    [counted] = [v for v in source.values if v.metric == "n_excluded" and v.total == "pooled"]
    assert counted.value == len(source.exclusions) == 1


def cells(document: Any, title: str) -> list[tuple[str, ...]]:
    return next(list(b.rows) for b in document.body if isinstance(b, Table) and title in b.title)


def test_grounds_and_decisions_are_printed_in_words(instance: Instance, tmp_path: Any) -> None:
    number = at_state(instance, "appeal")
    made = object_to_record(instance, number)
    approve(instance, OPEN_CASE)
    objections.decide(instance, ANN, made, is_accepted=False, remedy="none", answer="经查不属实")
    again = assessing.recount(instance, number, by="ann").number
    source = reporting.source_for(instance, again)
    document = annual.document(source)
    [row] = cells(document, "剔除清单")
    assert row[0] == OPEN_CASE
    assert row[2] == "依法另有程序"
    [told] = cells(document, "申诉与复核记录")
    assert told[3] == "不成立：经查不属实"
    sentences = "".join(b.text for b in document.body if isinstance(b, Paragraph))
    assert "评估期间收到申诉1件" in sentences
    book = read_book(workbook.write(source, tmp_path / "b.xlsx"))
    assert [c.value for c in next(book["剔除清单"].iter_rows(min_row=4))][:3:2] == [OPEN_CASE, "依法另有程序"]


def test_a_case_the_records_do_not_hold_is_in_no_report(instance: Instance) -> None:
    approve(instance, OPEN_CASE)
    with instance.session() as session:
        session.query(Exclusion).one().case_no = "nobody knows it"
    assert listed(instance, draft(instance, "2024")) == []
