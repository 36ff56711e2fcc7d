"""The numbers of a report source, looked up once and named; chapters compute nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import median

from evaluation.scores.result import IndicatorResult, UnitResult
from evaluation.scores.told import middle
from evaluation.uncertainty.ranges import SHOWN_AS_RANGE
from metrics.value import MetricValue
from metrics.values.settling import has_settled
from reports import numbers
from reports.annual.scheme_facts import SchemeFacts
from reports.cautions import NOT_MEASURED, caution_text


@dataclass(frozen=True)
class PeerGroup:
    """Comparable units in the order of the directory."""

    code: str
    title: str
    units: tuple[UnitResult, ...]

    @property
    def scored(self) -> list[UnitResult]:
        return [u for u in self.units if is_scored(u)]


def is_scored(unit: UnitResult) -> bool:
    """Has the unit a score? One that the reader gets as a range is one."""
    return unit.score is not None or unit.low is not None


@dataclass(frozen=True)
class Facts(SchemeFacts):
    """Look-ups over a source. Every number is returned as it stands in the source."""

    @cached_property
    def period(self) -> str:
        return numbers.period(self.source.assessment.period, self.language)

    @cached_property
    def names(self) -> dict[str, str]:
        """Unit code to name; the assessment's own name where the directory has none."""
        known = {u.unit: u.name or u.unit for u in self.source.assessment.units}
        return {**known, **{u.code: u.name for u in self.source.units}}

    @cached_property
    def short_names(self) -> dict[str, str]:
        return {**self.names, **{u.code: u.short_name or u.name for u in self.source.units}}

    @cached_property
    def groups(self) -> list[PeerGroup]:
        """Peer groups in the order of the source, units without one last; empty groups are left out."""
        place = {unit.code: i for i, unit in enumerate(self.source.units)}
        ordered = sorted(self.source.assessment.units, key=lambda u: place.get(u.unit, len(place)))
        codes = [*self.source.peer_groups, *sorted({u.group or "" for u in ordered} - set(self.source.peer_groups))]
        answer = []
        for code in codes:
            members = tuple(u for u in ordered if (u.group or "") == code)
            title = self.source.peer_groups.get(code) or self.say("facts.no_group")
            if members:
                answer.append(PeerGroup(code, title, members))
        return answer

    @cached_property
    def units(self) -> list[UnitResult]:
        return [unit for group in self.groups for unit in group.units]

    @cached_property
    def scored(self) -> list[UnitResult]:
        """Units with a score, also where the reader gets it as a range."""
        return [unit for unit in self.units if is_scored(unit)]

    @cached_property
    def unscored(self) -> list[UnitResult]:
        return [unit for unit in self.units if not is_scored(unit)]

    @cached_property
    def median_score(self) -> float | None:
        return middle(u.score for u in self.scored)

    @cached_property
    def ranges(self) -> str:
        """What of this file is told as ranges and stays out of medians and shares; empty where nothing is."""
        units = sum(unit.score is None for unit in self.scored)
        codes = {i.code for unit in self.units for i in unit.indicators if i.reason == SHOWN_AS_RANGE}
        if not units and not codes:
            return ""
        return self.say("facts.ranges", units=numbers.count(units), indicators=numbers.count(len(codes)))

    def has_all_levels(self, units: list[UnitResult] | tuple[UnitResult, ...]) -> bool:
        """Whether the ratings per level may be added up: a sum over some of the units only would be told as all."""
        return all(unit.unit in self.source.satisfaction for unit in units) or not self.ranges

    def group_median(self, group: str | None) -> float | None:
        """The median score of a peer group, None without scores."""
        return middle(u.score for u in self.scored if u.group == group)

    def grade_counts(self, units: list[UnitResult] | tuple[UnitResult, ...]) -> dict[str, int]:
        """Units per grade; "" counts those without one."""
        counts: dict[str, int] = {}
        for unit in units:
            counts[unit.grade or ""] = counts.get(unit.grade or "", 0) + 1
        return counts

    @cached_property
    def _values(self) -> dict[tuple[str | None, str, str | None], MetricValue]:
        return {(v.unit, v.metric, v.total): v for v in self.source.values if v.group is None}

    def value(self, unit: str, code: str) -> MetricValue | None:
        return self._values.get((unit, code, None))

    def received(self, unit: str) -> float | None:
        """Cases the unit received; how many answers and times its score counts is another number."""
        row = self.value(unit, "n_received")
        return row.value if row else None

    def pooled(self, code: str) -> MetricValue | None:
        """The total of all cases together."""
        return self._values.get((None, code, "pooled"))

    def mean(self, code: str) -> MetricValue | None:
        """The plain mean of the units."""
        return self._values.get((None, code, "mean_of_units"))

    def known(self, code: str) -> list[float]:
        """The present values of all units."""
        rows = (self.value(u.unit, code) for u in self.units)
        return [r.value for r in rows if r is not None and r.value is not None]

    def printed(self, row: MetricValue | None) -> str:
        """A value of a table column, in the form of its unit; the dash when it is missing."""
        return numbers.MISSING if row is None else numbers.of_metric(row.value, self.label(row.metric).unit)

    def spoken(self, code: str, value: float | None) -> str:
        """A value in a sentence: with its sign or unit."""
        unit = self.label(code).unit
        text = numbers.of_metric(value, unit)
        return text if text == numbers.MISSING else text + self.say(f"unit.{unit}")

    @cached_property
    def warnings(self) -> list[str]:
        """What the reader must know about the method and the records, in sentences."""
        found = [w for w in self.source.assessment.warnings if not w.startswith(NOT_MEASURED)]
        sentences = [caution_text(warning, self.language) for warning in found]
        if self.unmeasured:
            names = self.say("units.separator").join(self.label(code).name for code in self.unmeasured)
            sentences.insert(0, self.say("facts.unmeasured", list=names))
        return [*sentences, self.ranges] if self.ranges else sentences

    @cached_property
    def unmeasured(self) -> list[str]:
        """Indicators for which no unit at all has a value; they stand in no unit's table, only in this list."""
        present = {
            result.code
            for unit in self.source.assessment.units
            for result in unit.indicators
            if result.value is not None or result.reason == SHOWN_AS_RANGE
        }
        return [i["code"] for i in self.indicators if i["code"] not in present]

    def results(self, unit: UnitResult) -> list[IndicatorResult]:
        """The indicators of a unit in the order of the scheme, without those measured for nobody."""
        place = {i["code"]: n for n, i in enumerate(self.indicators)}
        kept = [r for r in unit.indicators if r.code not in self.unmeasured]
        return sorted(kept, key=lambda r: place.get(r.code, len(place)))

    def peer_points(self, group: str | None, code: str) -> float | None:
        """The median points of an indicator inside a peer group."""
        found = (u.indicator(code) for u in self.units if u.group == group)
        points = [r.points for r in found if r is not None and r.points is not None]
        return median(points) if points else None

    def peer_group_points(self, group: str | None, part: str) -> float | None:
        """The median points of a group of indicators inside a peer group."""
        return self._group_medians.get((group, part))

    @cached_property
    def _group_medians(self) -> dict[tuple[str | None, str], float]:
        found: dict[tuple[str | None, str], list[float]] = {}
        for unit in self.scored:
            for part in unit.groups:
                if part.points is not None:
                    found.setdefault((unit.group, part.id), []).append(part.points)
        return {key: median(points) for key, points in found.items()}

    @cached_property
    def months(self) -> list[str]:
        return sorted({v.period for v in self.source.monthly})

    @cached_property
    def _months(self) -> dict[tuple[str | None, str, str, str | None], float | None]:
        rows = self.source.monthly
        return {(v.unit, v.metric, v.period, v.total): v.value for v in rows if v.group is None}

    def series(self, unit: str | None, code: str) -> list[float | None]:
        """A metric by month; None for unit is the pooled total."""
        total = "pooled" if unit is None else None
        return [self._months.get((unit, code, month, total)) for month in self.months]

    def month_value(self, unit: str | None, code: str, month: str) -> float | None:
        """One month of a metric; None for unit is the pooled total."""
        return self._months.get((unit, code, month, "pooled" if unit is None else None))

    def peer_series(self, group: str | None, code: str) -> list[float | None]:
        """The median of a peer group by month."""
        members = [u.unit for u in self.units if u.group == group]
        answer: list[float | None] = []
        for month in self.months:
            known = [v for u in members if (v := self._months.get((u, code, month, None))) is not None]
            answer.append(median(known) if known else None)
        return answer

    def unsettled(self, code: str) -> list[int]:
        """The places of the months in which a metric still changes."""
        return [i for i, month in enumerate(self.months) if not has_settled(code, self.source.seen_days(month))]

    def month_names(self) -> list[str]:
        return [numbers.month(m, self.language, is_short=True) for m in self.months]

    def gap(self, result: IndicatorResult) -> float | None:
        """How far a value lies on the good side of its target, in the metric's own unit."""
        if result.value is None or result.target is None:
            return None
        difference = result.value - result.target
        return difference if self.label(result.code).is_higher_better else -difference
