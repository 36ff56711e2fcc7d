"""What each role really sees of a small city, put together by a reader with a solver: no count below k comes out.

The reader adds up everything shown (linear equations) and knows how counts are grouped (bounds), and asks for the least
and the greatest value of each small count. The true counts are those that the operator of the machine counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from evaluation.assess import assess
from evaluation.rules.scheme import load
from evaluation.scores.told import Coarse
from metrics.clocks.period import parse
from metrics.counting.rates import COUNTS, rates
from metrics.disclosure.small_cells import LEVEL_CODES, RATING_CODES, REASON
from metrics.value import MetricValue
from pipeline.judgement import assessing, effects
from pipeline.judgement.measuring import measure
from pipeline.numbers.counting import metric_values
from pipeline.numbers.protected_metrics import answered
from pipeline.numbers.small_cells import with_small_cells_withheld
from pipeline.paper import report_source, reporting
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.queries import assessments
from records.vocabulary import Role
from reports.source import ReportSource

pytestmark = pytest.mark.slow

LEVELS = tuple(f"rating_{level}" for level in range(6))
CODES = ["n_eligible", *RATING_CODES]
Atom = tuple[str, str]  # unit, and month or channel


@dataclass
class Reader:
    """Equations and bounds over the counts of each atom and level."""

    truth: Mapping[tuple[Atom, str], int]
    rows: list[dict[tuple[Atom, str], float]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.atoms = sorted({atom for atom, _ in self.truth})
        keys = [(atom, name) for atom in self.atoms for name in (*LEVELS, "n_eligible")]
        self.place = {key: i for i, key in enumerate(keys)}

    def learn(self, atoms: Iterable[Atom], terms, low: float, high: float) -> None:
        """A sum of counts lies between two ends; the truth must fit what is shown."""
        row: dict[tuple[Atom, str], float] = defaultdict(float)
        for atom in set(atoms) & set(self.atoms):
            for weight, name in terms:
                row[atom, name] += weight
        true = sum(weight * self.truth.get(key, 0) for key, weight in row.items())
        assert low - 1e-9 <= true <= high + 1e-9, (low, true, high, terms)
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def read(self, values: Iterable[MetricValue], parts_of) -> None:
        """Values of units and totals; `parts_of` gives the months or channels of a value. A total must be the sum over
        the units shown beside it: one over all units is found out in `learn`."""
        values = list(values)
        shown: dict[tuple, list[str]] = defaultdict(list)
        for v in values:
            if v.unit is not None and v.value is not None:
                shown[v.metric, v.period, v.group].append(v.unit)
        for v in values:
            if v.value is None or v.metric not in CODES or v.total == "mean_of_units":
                continue
            units = [v.unit] if v.unit else shown[v.metric, v.period, v.group]
            atoms = [(unit, part) for unit in units for part in parts_of(v)]
            if v.metric in COUNTS:
                self.learn(atoms, COUNTS[v.metric], v.value, v.value)
            else:
                self.learn(atoms, rates()[v.metric].numerator, v.numerator or 0, v.numerator or 0)
                self.learn(atoms, rates()[v.metric].denominator, v.denominator or 0, v.denominator or 0)

    def width(self, cells: Iterable[tuple[Atom, str]]) -> float:
        """How far the sum of some counts stays open."""
        entries = [(r, self.place[key], w) for r, row in enumerate(self.rows) for key, w in row.items()]
        r, c, w = zip(*entries, strict=True)
        matrix = csr_matrix((w, (r, c)), shape=(len(self.rows), len(self.place)))
        low, high = np.array(self.low), np.array(self.high)
        equal = low == high
        goal = np.zeros(len(self.place))
        goal[[self.place[key] for key in cells if key in self.place]] = 1
        boxes = {}
        if not equal.all():
            inside = matrix[~equal]
            boxes = {"A_ub": csr_matrix(np.vstack([inside.toarray(), -inside.toarray()])),
                     "b_ub": np.concatenate([high[~equal], -low[~equal]])}  # fmt: skip
        ends = [linprog(s * goal, A_eq=matrix[equal], b_eq=low[equal], bounds=(0, None), **boxes) for s in (1, -1)]
        assert [end.status for end in ends] in ([0, 0], [0, 3])  # 3: open upwards
        return float("inf") if ends[1].status == 3 else float(-ends[1].fun - ends[0].fun)


def _reader(instance: Instance, part: str, period: str) -> Reader:
    """The counts of every unit by month or by channel, as they are."""
    counts: dict[tuple[Atom, str], int] = {}
    rows = metric_values(instance, period=period, by=("unit", part), codes=[*LEVEL_CODES, "n_eligible"]).rows
    for v in rows:
        if v.unit is not None:
            atom = v.unit, v.period if part == "month" else (v.group or "")
            name = v.metric if v.metric == "n_eligible" else v.metric.removeprefix("n_")
            counts[atom, "rating_0" if name == "default_rated" else name] = int(v.value or 0)
    return Reader(counts)


def _attack(reader: Reader, groups: Mapping[tuple, list[Atom]], k: int, limit: int = 12) -> int:
    """Every small count of some sums of atoms stays open by k; how many there were."""
    tried = 0
    for _, atoms in sorted(groups.items()):
        counts = {level: sum(reader.truth.get((a, level), 0) for a in atoms) for level in LEVELS}
        for level in LEVELS:
            if 0 < counts[level] < k and tried < limit:
                assert reader.width([(a, level) for a in atoms]) >= k - 1e-6, (atoms, level, counts)
                tried += 1
    return tried


def test_no_two_questions_to_the_api_give_a_small_count_away(demo_instance: Instance) -> None:
    """An assessor without the survey role asks for years, months, quarters, spans, totals, and everything together."""
    reader = _reader(demo_instance, "month", "all")
    months = sorted({month for _, month in reader.atoms})
    units = sorted({unit for unit, _ in reader.atoms})

    def inside(label: str) -> list[str]:
        asked = parse(label)
        return [m for m in months if asked.start.isoformat() <= f"{m}-01" < asked.end.isoformat()]

    for label in ("all", "2025", "2025H1", "2025-01..2025-05"):
        period = "2025-01-01..2025-05-31" if label.startswith("2025-01..") else label
        for by in (("unit",), ("unit", "month")):
            rows = answered(demo_instance, 5, period=period, by=by, codes=CODES).rows
            spans = {v.period: inside(v.period if v.period != period else period) for v in rows}
            reader.read(rows, lambda v, s=spans: s[v.period])
    years = {(u, y): [(u, m) for m in months if m.startswith(y)] for u in units for y in ("2024", "2025")}
    single = {(u, m): [(u, m)] for u in units for m in months}
    assert _attack(reader, years, 5) + _attack(reader, single, 5, limit=6) > 5


def test_no_split_gives_a_small_count_away(demo_instance: Instance) -> None:
    reader = _reader(demo_instance, "channel", "2025")
    units, channels = sorted({u for u, _ in reader.atoms}), sorted({c for _, c in reader.atoms})
    for by in (("unit",), ("unit", "channel")):
        rows = answered(demo_instance, 5, period="2025", by=by, codes=CODES).rows
        reader.read(rows, lambda v: [v.group] if v.group is not None else channels)
    whole = {(u,): [(u, c) for c in channels] for u in units}
    single = {(u, c): [(u, c)] for u in units for c in channels}
    assert _attack(reader, whole, 5) + _attack(reader, single, 5, limit=6) > 3


@pytest.fixture(scope="module")
def frozen(demo_instance: Instance) -> ReportSource:
    """The assessment of 2025 by the city's own scheme, with small counts in classes."""
    with demo_instance.session() as session:
        rows = assessments.list_assessments(session, viewer=OPERATOR, period="2025")
    number = next(row.number for row in rows if row.scheme_id == "city_records")
    text = assessing.get(demo_instance, number).scheme_text.replace("[small_n]", "[small_n]\ngrouped = 10")
    scheme = load(text)
    found = measure(demo_instance, scheme, "2025")
    result = assess(scheme, found.values, found.units, period="2025", as_of=found.as_of, draws=50, other=found.other)
    source = reporting.source_for(demo_instance, number, language="zh", viewer=OPERATOR)
    return replace(source, assessment=result, scheme=scheme.document)


@pytest.mark.parametrize("k", [5, 10])
def test_no_view_of_an_assessment_gives_a_small_count_away(
    demo_instance: Instance, frozen: ReportSource, k: int
) -> None:
    """k = 10 is what a unit head, the organization department and the open page get, k = 5 an assessor: values of the
    period and its months, totals, tables of levels, and the frozen values the score is made of."""
    shown = with_small_cells_withheld(frozen, k)
    reader = _reader(demo_instance, "month", "2025")
    units, months = sorted({u for u, _ in reader.atoms}), sorted({m for _, m in reader.atoms})
    spans = {"2025": months} | {m: [m] for m in months}
    of_2025 = [v for v in (*shown.values, *shown.monthly) if v.period in spans and v.group is None]
    reader.read(of_2025, lambda v: spans[v.period])
    for unit, counts in shown.satisfaction.items():
        for name, n in counts.items():
            level = "rating_0" if name == "default" else f"rating_{name}"
            if name == "unrated":
                continue
            reader.learn([(unit, m) for m in months], ((1, level),), n, n)
    scored = 0
    assert not any(i.other_value for result in shown.assessment.units for i in result.indicators if i.code in CODES)
    for result in shown.assessment.units:
        for indicator in result.indicators:
            if indicator.code in CODES and indicator.value is not None:
                _learn_scored(reader, result.unit, months, indicator)
                scored += 1
    whole = {(u,): [(u, m) for m in months] for u in units}
    assert scored
    assert _attack(reader, whole, k, limit=30) > 3


def _learn_scored(reader: Reader, unit: str, months: list[str], indicator) -> None:
    """A frozen value: exact, or 5 for "0 to 10" and 15.5 for "11 to 20" on its smaller side; few ratings by default
    stand in the denominator as 5 too."""
    rate, atoms = rates()[indicator.code], [(unit, m) for m in months]
    yes, whole = indicator.numerator, indicator.denominator
    small = min(yes, whole - yes)
    is_class = small == 5 or small != int(small)
    low, high = (0.0, 10.0) if small == 5 else (small - 4.5, small + 4.5) if is_class else (small, small)
    form = rate.numerator
    if yes > whole - yes:
        form = (*rate.denominator, *((-weight, name) for weight, name in rate.numerator))
    reader.learn(atoms, form, low, high)
    slack = 5 if is_class and any(name == "rating_0" for _, name in rate.denominator) else 0
    reader.learn(atoms, rate.denominator, whole - slack, whole + slack)


def test_the_gap_to_a_sample_goes_with_the_share_it_would_tell(frozen: ReportSource) -> None:
    """S7 is the own satisfied share minus that of a sample everybody may read: where S1a is withheld, so is the gap."""
    shown = with_small_cells_withheld(frozen, 10)
    pairs = [(told["values"]["S1a"], told["values"]["S7"]) for told in shown.statistics.values()]
    assert any(own["reason"] == REASON for own, _ in pairs)
    assert all(gap["value"] is None for own, gap in pairs if own["reason"] == REASON)


@pytest.mark.parametrize("k", [5, 10])
def test_what_stands_beside_a_score_is_withheld_with_it(demo_instance: Instance, k: int) -> None:
    """A scheme may show a rate for information, and a veto tells the value it rests on."""
    with demo_instance.session() as session:
        rows = assessments.list_assessments(session, viewer=OPERATOR, period="2025")
    number = next(row.number for row in rows if row.scheme_id == "city_records")
    source = reporting.source_for(demo_instance, number, viewer=OPERATOR)
    values = {(v.unit, v.metric): v for v in source.values if v.group is None and v.unit}

    def beside(unit: str, code: str) -> dict:
        v = values[unit, code]
        shown = {"code": code, "title": {}, "reason": None, "n": v.n}
        return shown | {"value": v.value, "numerator": v.numerator, "denominator": v.denominator}

    def veto(unit: str, code: str) -> dict:
        return {"code": "V", "title": {}, "cap_grade": "C", "rule": f"{code} < 0.6", "value": values[unit, code].value,
                "bound": 0.1, "score_without": None, "grade_without": []}  # fmt: skip

    units = [
        replace(
            u,
            information=[beside(u.unit, c) for c in ("S1c", "S4", "R5")],
            vetoes=[veto(u.unit, c) for c in ("S1c", "R5")],
        )
        for u in source.assessment.units
    ]
    told = with_small_cells_withheld(replace(source, assessment=replace(source.assessment, units=units)), k)
    hidden = {(v.unit, v.metric) for v in told.values if v.reason == REASON}
    assert {code for _, code in hidden} >= {"S1c", "S4"}
    for unit in told.assessment.units:
        for row in unit.information:
            is_hidden = (unit.unit, row["code"]) in hidden
            assert not is_hidden or (row["value"], row["numerator"], row["n"]) == (None, None, None)
            assert is_hidden or row["code"] != "R5" or row["value"] == values[unit.unit, "R5"].value
        assert [v.get("value") for v in unit.vetoes if v["rule"].startswith("R5")] == [values[unit.unit, "R5"].value]
        assert not any("value" in v for v in unit.vetoes if (unit.unit, v["rule"].split(" ")[0]) in hidden)


def test_an_effect_tells_a_score_only_to_who_knows_it(demo_instance: Instance) -> None:
    """Beside a score that is told as a range, the exact score before and after a decision would tell what it keeps."""
    with demo_instance.session() as session:
        rows = assessments.list_assessments(session, viewer=OPERATOR, period="2025")
    number = next(row.number for row in rows if row.scheme_id == "city_records")
    readers = {
        10: Viewer(1, "x", Role.UNIT_HEAD),
        5: Viewer(1, "x", Role.ASSESSOR),
        1: Viewer(1, "x", Role.ASSESSOR, has_survey_role=True),
    }
    source = report_source.source_for(demo_instance, number, is_for_pages=True)
    exact = {1: {u.unit for u in source.assessment.units if u.score is not None}}
    for k in (5, 10):
        units = report_source.protected_for(demo_instance, source, k).assessment.units
        exact[k] = {u.unit for u in units if u.score is not None and not isinstance(u.score, Coarse)}
    told = {k: set() for k in readers}
    for unit in exact[1]:
        effect = effects.of_claim(demo_instance, number, unit, "R5", 0.5)
        effect = effects.effect_from(effect.to_json())
        for k, viewer in readers.items():
            seen = effects.as_seen(effect, viewer)
            assert seen.values == effect.values
            assert (seen.score_before is None) == (seen.score_after is None)
            if seen.score_before is not None:
                told[k].add(unit)
    assert told == exact
    assert len(told[10]) < len(told[1])
    old = {name: value for name, value in effect.to_json().items() if name != "open_to"}
    assert effects.as_seen(effects.effect_from(old), readers[5]).score_before is None  # kept before it was told
