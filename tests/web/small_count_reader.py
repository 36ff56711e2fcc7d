"""A reader who puts together with a solver what is shown of each unit; used by the tests of pages and of documents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog

from evaluation.rules.scheme import Scheme
from evaluation.scores.result import Assessment
from metrics.counting.rates import COUNTS, Terms, rates
from metrics.disclosure.small_cells import CELLS, LEVEL_CODES
from pipeline.numbers.counting import metric_values
from records.instance import Instance

NAMES = (*CELLS, "H2.yes", "H2.no")
HINT = re.compile(r"<span[^>]*>.*?</span>", re.S)
PLACE = {name: i for i, name in enumerate(NAMES)}
Form = np.ndarray
Parts = dict[str, tuple[Form, Form]]


def form_of(terms: Terms) -> Form:
    """A sum of counts as weights of NAMES."""
    out = np.zeros(len(NAMES))
    for weight, name in terms:
        out += weight * (np.array([1.0] * 7 + [0.0] * 2) if name == "n_eligible" else np.eye(len(NAMES))[PLACE[name]])
    return out


def parts() -> Parts:
    """Numerator and denominator of every rate of ratings, and of H2, as weights of NAMES."""
    found: Parts = {}
    for code, rate in rates().items():
        names = {name for _, name in (*rate.numerator, *rate.denominator)}
        if names <= {*CELLS, "n_eligible"}:
            found[code] = form_of(rate.numerator), form_of(rate.denominator)
    yes, no = np.eye(len(NAMES))[[PLACE["H2.yes"], PLACE["H2.no"]]]
    return found | {"H2": (yes, yes + no)}


@dataclass
class Reader:
    """Everything read about one unit, as rows of `low <= weights . counts <= high`; further variables for the score."""

    truth: dict[str, float]
    rows: list[tuple[Form, float, float]] = field(default_factory=list)
    free: list[tuple[float, float]] = field(default_factory=list)  # what else the score holds
    score: tuple[Form, float, float] | None = None

    @property
    def true(self) -> Form:
        return np.array([self.truth[name] for name in NAMES])

    def learn(self, weights: Form, low: float, high: float) -> None:
        assert low - 1e-6 <= weights @ self.true <= high + 1e-6, (weights, low, high)
        self.rows.append((weights, low, high))

    def width(self, name: str) -> float:
        """How far a count stays open."""
        size = len(NAMES) + len(self.free)
        rows = [(np.r_[w, np.zeros(len(self.free))], low, high) for w, low, high in self.rows]
        if self.score is not None:
            rows.append((np.r_[self.score[0], np.ones(len(self.free))], self.score[1], self.score[2]))
        if not rows:
            return float("inf")
        sides = [(w, high) for w, _, high in rows if np.isfinite(high)]
        sides += [(-w, -low) for w, low, _ in rows if np.isfinite(low)]
        matrix, limits = np.array([w for w, _ in sides]), np.array([end for _, end in sides]) + 1e-6
        goal, bounds = np.eye(size)[PLACE[name]], [(0.0, None)] * len(NAMES) + self.free
        bounds[PLACE["unrated"]] = (min(0.0, self.truth["unrated"]), None)  # a rating may stand on a case left out
        ends = [linprog(s * goal, A_ub=matrix, b_ub=limits, bounds=bounds) for s in (1, -1)]
        assert (ends[0].status, ends[1].status) in ((0, 0), (0, 3))
        return float("inf") if ends[1].status == 3 else float(-ends[1].fun - ends[0].fun)


def read_number(text: str) -> float | None:
    """The number a cell shows, None for a dash; a percentage as it stands."""
    found = re.search(r"[−-]?[\d,]+(\.\d+)?", text)
    return float(found.group().replace(",", "").replace("−", "-")) if found else None


def cells_of(html: str) -> list[list[str]]:
    """The rows of the tables of a page, as plain texts."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.S)
    return [
        [re.sub(r"<[^>]+>", "", c).strip() for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", r, re.S)] for r in rows
    ]


def learn_rate(reader: Reader, code: str, value: str, counts: str, known: Parts) -> list[float]:
    """A rate as a cell shows it, one number or a range, and its two counts where they stand beside it."""
    shown = [number for text in value.split("—") if (number := read_number(text)) is not None]
    if code in known and shown:
        yes, whole = known[code]
        for form, side in zip((yes, whole), counts.split("／"), strict=False):
            if (exact := read_number(side)) is not None and "n=" not in side:
                reader.learn(form, exact, exact)
        reader.learn(yes - (shown[0] - 0.0501) / 100 * whole, 0.0, np.inf)
        reader.learn(yes - (shown[-1] + 0.0501) / 100 * whole, -np.inf, 0.0)
    return shown


def ends_of(indicator) -> tuple[float, float] | None:
    """The rates that earn 0 and 100 points where points are a straight line of the rate."""
    if indicator.method == "rate_x_full":
        return (0.0, 1.0) if indicator.direction == "higher" else (1.0, 0.0)
    is_line = indicator.method == "goalposts" and indicator.transform == "none"
    return (indicator.zero, indicator.full) if is_line else None


def learn_points(reader: Reader, scheme: Scheme, code: str, points: float, slack: float, known: Parts) -> bool:
    """The points of an indicator as shown: between its limits they tell the rate."""
    indicator = next((i for i in scheme.indicators if i.code == code), None)
    low, high = points - slack, points + slack
    if indicator is None or code not in known or ends_of(indicator) is None or low <= 0 or high >= 100:
        return False
    zero, full = ends_of(indicator)
    ends = sorted(zero + p / 100 * (full - zero) for p in (low, high))
    yes, whole = known[code]
    reader.learn(yes - ends[0] * whole, -1e-9, np.inf)
    reader.learn(yes - ends[1] * whole, -np.inf, 1e-9)
    return True


def read_group(reader: Reader, scheme: Scheme, group: dict, unit: dict, known: Parts) -> bool:
    """The points of a group: the weighted mean of its indicators, of which one hidden alone would be left over."""
    parents = {g.id: g.parent for g in scheme.groups}

    def is_inside(name: str | None) -> bool:
        while name is not None and name != group["id"]:
            name = parents.get(name)
        return name is not None

    rows = {row["code"]: row for row in unit["indicators"]}
    own = [i for i in scheme.indicators if is_inside(i.group) and rows[i.code]["effective_weight"]]
    whole = sum(rows[i.code]["effective_weight"] for i in own)
    weights, rest, free = np.zeros(len(NAMES)), 0.0, 0.0
    for indicator in own:
        row = rows[indicator.code]
        share = row["effective_weight"] / whole
        if row["points"] is not None:
            rest += share * row["points"]
        elif (added := _points(reader, indicator, share, known)) is None:
            free += share * 100
        else:
            weights, rest = weights + added[0], rest + added[1]
    low, high = group["points"] - rest - free - 1e-6, group["points"] - rest + 1e-6
    if weights.any() and low <= weights @ reader.true <= high:  # points are cut off at 0 and 100: no line, no use here
        reader.learn(weights, low, high)
    return True


def read_trace(reader: Reader, html: str, scheme: Scheme, score: str, known: Parts) -> None:
    """The table from value to score: values, counts and points of each indicator, and what the score adds."""
    codes = {i.code: i for i in scheme.indicators}
    weights, rest, is_usable = np.zeros(len(NAMES)), 0.0, True
    for row in cells_of(html):
        code = row[0].split(" ")[0] if row else ""
        if code not in codes or len(row) < 10:
            continue
        value, counts, points, share, part = row[1], row[2], row[5], row[7], row[8]
        shown = learn_rate(reader, code, value, counts, known)
        if (added := read_number(part)) is not None:
            rest += added
        elif (effective := read_number(share)) and points == "—" and len(shown) != 1:
            added = _points(reader, codes[code], effective / 100, known)
            if added is None:
                reader.free.append((0.0, effective))
            else:
                weights += added[0]
                rest += added[1]
        is_usable = is_usable and not (points == "—" and read_number(part))
    ends = [read_number(text) for text in score.split("—")]
    if not is_usable or ends[0] is None or not weights.any():
        return
    low, high = (ends[0] - 0.06, ends[0] + 0.06) if len(ends) < 2 or ends[1] is None else (ends[0], ends[1])
    slack = 0.01 * len(codes)  # contributions are printed with two decimals
    told = low - rest - slack, high - rest + slack
    most = sum(end for _, end in reader.free)
    if told[0] - most <= weights @ reader.true <= told[1]:  # points are cut off at 0 and 100: no line, no use here
        reader.score = weights, *told


def _points(reader: Reader, indicator, effective: float, known: Parts) -> tuple[Form, float] | None:
    """What a hidden rate adds to the score, linear in its count: the reader is granted the number it is of."""
    if indicator.code not in known or (ends := ends_of(indicator)) is None:
        return None
    yes, whole = known[indicator.code]
    n = float(whole @ reader.true)
    if not n:
        return None
    zero, full = ends
    slope = 100 * effective / (full - zero)
    return slope / n * yes, -slope * zero


def read_sheet(readers: dict[str, Reader], rows: list[dict[str, str]], names: tuple[str, ...], known: Parts) -> None:
    """Numerators and denominators of a file of all numbers; `names` are the columns of unit, code, counts, value."""
    for row in rows:
        unit, code = row.get(names[0]), row.get(names[1]) or ""
        reader = readers.get(unit or "")
        if reader is None:
            continue
        yes, whole, value = (None if row.get(name) in (None, "", "—") else row[name] for name in names[2:])
        if code in known and yes is not None and whole is not None:
            reader.learn(known[code][0], float(yes), float(yes))
            reader.learn(known[code][1], float(whole), float(whole))
        elif code in COUNTS and {n for _, n in COUNTS[code]} <= {*CELLS, "n_eligible"} and value is not None:
            reader.learn(form_of(COUNTS[code]), float(value), float(value))


def attack(readers: dict[str, Reader], k: int) -> int:
    """Every small count of every unit stays open by k; how many there were."""
    tried = 0
    for unit, reader in sorted(readers.items()):
        for name in NAMES:
            if 0 < reader.truth[name] < k and name not in ("unrated", "H2.yes"):
                assert reader.width(name) >= k - 1e-3, (unit, name, reader.truth)
                tried += 1
    return tried


def truths(instance: Instance, found: Assessment, scheme: Scheme) -> dict[str, Reader]:
    """The counts of every unit as they are."""
    codes, start_day = ["n_eligible", *LEVEL_CODES], scheme.period_start_day
    rows = metric_values(instance, period=found.period, codes=codes, scope=scheme.scope, start_day=start_day).rows
    values = {(v.unit, v.metric): v for v in rows if v.unit is not None and v.group is None}
    out = {}
    for unit in {u for u, _ in values if u}:
        levels = [float(values[unit, code].value or 0) for code in LEVEL_CODES]
        h2 = next((i for u in found.units if u.unit == unit for i in u.indicators if i.code == "H2"), None)
        yes, n = (h2.numerator or 0.0, h2.denominator or 0.0) if h2 else (0.0, 0.0)
        unrated = float(values[unit, "n_eligible"].value or 0) - sum(levels)
        out[unit] = Reader(dict(zip(NAMES, [*levels, unrated, yes, n - yes], strict=True)))
    return out
