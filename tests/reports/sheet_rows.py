"""What the sheets of a workbook have to print, from the frozen result alone; and what they print, read back."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from evaluation.scores.result import UnitResult
from metrics.registry import REGISTRY
from reports.numbers import reason_text
from reports.source import ReportSource
from reports.texts import say
from tests.reports.rounding import half_up, measured, percent, points, stored, whole

Rows = list[list[str]]
FIRST_ROW = 4
DECIMALS = {"#,##0": 0, "#,##0.0": 1, "#,##0.00": 2}
RATINGS = ("5", "4", "3", "2", "1", "default", "unrated")
SATISFACTION = ("S1a", "S1b", "S1c", "S1d", "S1e")
COUNTS = ("n_received", "n_replied", "n_closed", "n_open", "n_excluded")


def read_book(path: Path) -> openpyxl.Workbook:
    """openpyxl does not know the extension that holds sparklines and data bars, and says so."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*extension is not supported")
        return openpyxl.load_workbook(path)


def printed_rows(sheet: Worksheet) -> Rows:
    """Every row below the head as a reader sees it; a number that its format would still round is refused."""
    rows = [[shown(cell) for cell in row] for row in sheet.iter_rows(min_row=FIRST_ROW)]
    return [row for row in rows if any(row)]


def shown(cell: Any) -> str:
    """What a cell shows, by its own format."""
    if cell.value is None:
        return ""
    if isinstance(cell.value, str):
        assert cell.data_type == "s"
        return cell.value
    if cell.number_format == "General":
        return stored(cell.value)
    digits = DECIMALS[cell.number_format]
    assert round(cell.value, digits) == cell.value, "the program that shows it would round once more"
    return f"{cell.value:,.{digits}f}".replace("-", "−")


class Wanted:
    """The rows of each sheet of a source, by the key its name has among the wordings."""

    def __init__(self, source: ReportSource) -> None:
        self.source = source
        self.names = {unit.code: unit.name for unit in source.units}
        self.indicators = source.scheme["indicator"]
        self.codes = [row["code"] for row in self.indicators]
        self.values = {(v.unit, v.metric, v.total): v for v in source.values if v.group is None}
        self.months = sorted({v.period for v in source.monthly})
        self.monthly = {(v.unit, v.metric, v.period, v.total): v.value for v in source.monthly if v.group is None}

    def say(self, key: str, **values: Any) -> str:
        return say(self.source.language, key, **values)

    def unit_of(self, code: str) -> str:
        return REGISTRY[code].unit

    def name_of(self, code: str) -> str:
        written = next((row for row in self.indicators if row["code"] == code), {})
        return written.get("title", {}).get(self.source.language) or REGISTRY[code].name(self.source.language)

    def value(self, unit: str | None, code: str, total: str | None = None) -> float | None:
        row = self.values.get((unit, code, total))
        return row.value if row else None

    def groups(self) -> Iterator[tuple[str, list[UnitResult]]]:
        """Peer groups in the order of the source, their units in that of the directory."""
        place = {unit.code: i for i, unit in enumerate(self.source.units)}
        units = sorted(self.source.assessment.units, key=lambda u: place[u.unit])
        for code, title in self.source.peer_groups.items():
            members = [unit for unit in units if unit.group == code]
            if members:
                yield title, members

    def units(self) -> list[UnitResult]:
        return [unit for _, members in self.groups() for unit in members]

    def rows(self) -> dict[str, Rows]:
        """By sheet; the sheets of text (method, provenance) are asked for by themselves."""
        return {
            "overview": self.overview(), "ranking": self.ranking(),
            "matrix_values": self.matrix("value"), "matrix_points": self.matrix("points"),
            "months": self.totals_by_month(), "unit_months": self.units_by_month(), "certainty": self.certainty(),
            "counts": self.counts(), "satisfaction": self.satisfaction(), "levels": self.levels(),
            "exclusions": self.exclusions(), "values": self.stored_values(), "adjusted": self.adjusted(),
        }  # fmt: skip

    def overview(self) -> Rows:
        answer = []
        for row in self.indicators:
            code, unit = row["code"], self.unit_of(row["code"])
            pooled = self.values.get((None, code, "pooled"))
            ends = (self.value(None, code, "pooled"), self.value(None, code, "mean_of_units"), row.get("target"))
            answer.append([self.name_of(code), code, self.say(f"unit_head.{unit}"), *(measured(v, unit) for v in ends),
                           whole(pooled.n if pooled else None)])  # fmt: skip
        return answer

    def ranking(self) -> Rows:
        has_ranks = self.source.scheme["grades"].get("ranks", False)
        answer = []
        for title, members in self.groups():
            ordered = sorted(members, key=lambda u: (u.rank is None, u.rank or 0)) if has_ranks else members
            for unit in ordered:
                row = [title, self.names[unit.unit], whole(self.value(unit.unit, "n_received")), points(unit.score),
                       points(unit.low), points(unit.high), self.grade(unit.grade), self.remark(unit)]  # fmt: skip
                answer.append(row + ([whole(n) for n in (unit.rank, unit.rank_low, unit.rank_high)] * has_ranks))
        return answer

    def grade(self, grade: str | None) -> str:
        return self.source.scheme["grades"]["titles"][grade][self.source.language] if grade else "—"

    def remark(self, unit: UnitResult) -> str:
        if unit.score is not None and unit.vetoes:
            return self.say("results.capped")
        if unit.score is not None and unit.grade:
            return ""
        if unit.reason:
            return reason_text(unit.reason, self.source.language)
        return self.say("results.straddles")

    def matrix(self, what: str) -> Rows:
        answer = []
        for title, members in self.groups():
            for unit in members:
                results = {i.code: i for i in unit.indicators}
                cells = [
                    points(results[code].points) if what == "points" else measured(
                        results[code].value, self.unit_of(code)) if code in results else "—"
                    for code in self.codes
                ]  # fmt: skip
                answer.append([title, self.names[unit.unit], *cells])
        return answer

    def totals_by_month(self) -> Rows:
        rates = [code for code in self.codes if self.unit_of(code) == "rate"]
        return [
            [month, whole(self.monthly[None, "n_received", month, "pooled"]),
             *(percent(self.monthly.get((None, code, month, "pooled"))) for code in rates)]
            for month in self.months
        ]  # fmt: skip

    def units_by_month(self) -> Rows:
        """The last column is drawn, not written."""
        return [
            [self.names[unit.unit], f"{self.name_of(code)}({self.say(f'unit_head.{self.unit_of(code)}')})",
             *(measured(self.monthly.get((unit.unit, code, month, None)), self.unit_of(code)) for month in self.months),
             *self.extremes(unit.unit, code), ""]
            for unit in self.units()
            for code in self.codes
        ]  # fmt: skip

    def extremes(self, unit: str, code: str) -> list[str]:
        """The months whose printed numbers are the highest and the lowest."""
        by_number: dict[float, list[str]] = {}
        for month in self.months:
            text = measured(self.monthly.get((unit, code, month, None)), self.unit_of(code))
            if text != "—":
                by_number.setdefault(float(str(text).replace(",", "").replace("−", "-")), []).append(month)
        if sum(map(len, by_number.values())) < 2:
            return ["—", "—"]
        return [
            months[0] if len(months) == 1 else self.say("head.months_alike", n=len(months))
            for months in (by_number[max(by_number)], by_number[min(by_number)])
        ]

    def certainty(self) -> Rows:
        grades = [cut[0] for cut in self.source.scheme["grades"]["cuts"]]
        return [
            [title, self.names[unit.unit], *(percent(unit.grade_probability.get(grade)) for grade in grades),
             *(whole(n) for n in (unit.rank_low, unit.rank_high, unit.joint_rank_low, unit.joint_rank_high)),
             *(percent(share) for share in (unit.probability_top, unit.probability_bottom, unit.reliability)),
             points(unit.shrunk_score)]
            for title, members in self.groups()
            for unit in members
        ]  # fmt: skip

    def counts(self) -> Rows:
        answer = []
        for unit in self.units():
            results = {i.code: i for i in unit.indicators}
            found = [results.get(code) for code in self.codes]
            pairs = [stored(n) for i in found for n in ((i.numerator, i.denominator) if i else (None, None))]
            answer.append([self.names[unit.unit], *(whole(self.value(unit.unit, c)) for c in COUNTS), *pairs])
        return answer

    def satisfaction(self) -> Rows:
        codes = [code for code in SATISFACTION if (None, code, "pooled") in self.values]
        return [
            [self.names[unit.unit], *(percent(self.value(unit.unit, code)) for code in codes)] for unit in self.units()
        ]

    def levels(self) -> Rows:
        found = self.source.satisfaction
        return [
            [
                self.names[unit.unit],
                *(whole(found[unit.unit].get(k, 0)) if unit.unit in found else "—" for k in RATINGS),
            ]
            for unit in self.units()
        ]

    def exclusions(self) -> Rows:
        return [
            [e["case_no"], self.names[e["unit"]], self.say(f"ground.{e['reason']}", otherwise=e["reason"]),
             e["applicant"] or "", e["approver"] or "", e["at"] or ""]
            for e in self.source.exclusions
        ]  # fmt: skip

    def adjusted(self) -> Rows:
        """Unit, points and score without each bonus, deduction and ceiling; their words are left to who asks."""
        return [
            [self.names[unit.unit], points(item.get("points")), points(item.get("score_without"))]
            for unit in self.units()
            for item in (*unit.evidence, *unit.vetoes)
        ]

    def stored_values(self) -> Rows:
        words = {None: "pooled", "pooled": "pooled", "mean_of_units": "mean"}
        return [
            [self.names[v.unit] if v.unit else self.say(f"head.{words[v.total]}"),
             v.metric if v.group is None else f"{v.metric} [{v.group}]", self.name_of(v.metric),
             *(stored(n) for n in (v.numerator, v.denominator, v.value, v.low, v.high)), half_up(v.n, 0),
             reason_text(v.reason, self.source.language) if v.reason else ""]
            for v in self.source.values
        ]  # fmt: skip
