"""Every metric by unit and month from the facts, as an analyst writes it in pandas: the yardstick of `bench.large`.

Grouped sums and cumulated histograms throughout, one month of columns in memory at a time, no Python loop over units.
The definitions of rates and plain counts are the product's tables; everything counted and reckoned is done here once
more. What the generated cases have no input for (surveys, checks, aggregate tables, residents) has no value on either
side. `bench.large` compares every value with the product's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from metrics.counting.rates import COUNTS, rates

Z = 1.959963984540054
WHOLE = "whole"  # all units together
MEAN = "mean"  # the plain mean of the units' values
MINUTE = 60
CLOCKS = {"R3": ("reply", "reply_seconds", 182.0), "R3c": ("reply", "reply_calendar_seconds", 624.0),
          "H1": ("close", "close_seconds", 182.0), "H1c": ("close", "close_calendar_seconds", 624.0)}  # fmt: skip
STANDINGS = {"met": 1, "missed": 2, "open": 3, "not_due": 4, "no_limit": 0}
COLUMNS = """
unit, received_day, is_excluded, is_duplicate, is_withdrawn, is_not_responsible, is_replied, is_closed, is_dispatched,
is_published, is_public_known, is_unanswered_3_months, is_returned, is_extended, is_suspended, is_rework,
is_claimed_resolved, is_claimed_partly, is_outcome_known, is_repeated, is_repeat_watched, is_return_known,
is_extension_known, is_suspension_known, is_exclusion_known, is_rework_known, is_date_only, is_contradictory, contacted,
valid_follow_up, rating, manner_grade, speed_grade, resolved, n_returns, cells_required, cells_filled, sign_ended,
sign_strict, reply_ended, reply_strict, reply_allowed, reply_seconds, reply_calendar_seconds, reply_used, reply_limit,
close_ended, close_strict, close_allowed, close_seconds, close_calendar_seconds, close_used, close_limit,
reply_fingerprint
"""
MOVING = "unit, received_day, closed_day, closing_day, is_closed"


def every_metric(folder: str, year: int, *, in_minutes: bool) -> pd.DataFrame:
    """Columns month, unit, metric, value, low, high over the facts of a year; `in_minutes` rounds times up as the
    product does beyond two million cases."""
    paths = sorted(str(path) for path in Path(folder, "facts").glob(f"{year}*.parquet"))
    months = ((f"{year}-{Path(path).name[4:6]}", _read(COLUMNS, f"read_parquet('{path}')")) for path in paths)
    moving = _read(MOVING, f"read_parquet('{folder}/facts/[12]*.parquet') WHERE is_excluded = 0")
    return _of_months(months, _moving(moving, year), in_minutes)


def every_metric_from_parts(folder: str, year: int, *, in_minutes: bool) -> pd.DataFrame:
    """The same with nothing prepared: the facts are made first, from every file that was accepted."""
    from bench.pandas_from_parts import facts_of

    cases = facts_of(folder)
    moving = _moving(cases.loc[cases["is_excluded"] == 0, MOVING.split(", ")], year)
    month = cases["received_at"].to_numpy().astype("datetime64[s]").astype("datetime64[M]").astype(str)
    months = ((label, part) for label, part in cases.groupby(month) if label.startswith(str(year)))
    return _of_months(months, moving, in_minutes)


def _of_months(months: Iterable[tuple[str, pd.DataFrame]], moving: pd.DataFrame, in_minutes: bool) -> pd.DataFrame:
    counts, values = {}, []
    for month, frame in months:
        counts[month] = pd.concat([_sums(frame), _templates(frame)], axis=1)
        values += [_labelled(found, month, code) for code, found in _times(frame, in_minutes)]
    table = pd.concat(counts, names=["month", "unit"]).fillna(0)
    table = table.join(moving).fillna(0).astype(float)
    values += [_of_counts(table), _of_rates(table), _growth(table), *_grades(table)]
    long = pd.concat(values, ignore_index=True)
    return pd.concat([long, _means_of_units(long)], ignore_index=True)


def _read(columns: str, source: str) -> pd.DataFrame:
    """Columns of the facts, numbers with gaps as floats: plain numpy columns are quicker than masked ones."""
    frame = duckdb.execute(f"SELECT {columns} FROM {source}").df()
    masked = [name for name, kind in frame.dtypes.items() if pd.api.types.is_extension_array_dtype(kind)
              and pd.api.types.is_numeric_dtype(kind)]  # fmt: skip
    return frame.astype({name: "float64" for name in masked} | {"unit": "category"})


def _masks(f: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    kept = f["is_excluded"] == 0
    return kept, kept & (f["is_duplicate"] == 0) & (f["is_withdrawn"] == 0) & (f["is_not_responsible"] == 0)


def _sums(f: pd.DataFrame) -> pd.DataFrame:
    """Every additive count by unit, and of all units."""
    kept, fit = _masks(f)
    closed, replied, valid = f["is_closed"] == 1, f["is_replied"] == 1, fit & (f["valid_follow_up"] == 1)
    claims, resolved = fit & closed, f["is_claimed_resolved"] == 1
    columns = {
        "n_received": f["is_excluded"] >= 0, "n_eligible": fit, "n_replied": kept & replied, "n_closed": kept & closed,
        "n_open": kept & ~closed, "n_dispatched": kept & (f["is_dispatched"] == 1),
        "n_date_only": kept & (f["is_date_only"] == 1), "n_contradictory": kept & (f["is_contradictory"] == 1),
        "n_returns": f["n_returns"].where(kept, 0).fillna(0), "e_replied": fit & replied, "e_closed": claims,
        "e_dispatched": fit & (f["is_dispatched"] == 1), "e_published": fit & replied & (f["is_published"] == 1),
        "e_returned": fit & (f["is_dispatched"] == 1) & (f["is_returned"] == 1),
        "e_public_known": fit & replied & (f["is_public_known"] == 1),
        "e_unanswered_3_months": fit & (f["is_unanswered_3_months"] == 1),
        "e_rework": claims & (f["is_rework"] == 1), "e_first_time": claims & (f["is_rework"] == 0) & resolved,
        "e_repeat_watched": fit & (f["is_repeat_watched"] == 1), "e_repeated": fit & (f["is_repeated"] == 1),
        "claim_closed": claims, "claim_resolved": claims & resolved,
        "claim_partly": claims & ~resolved & (f["is_claimed_partly"] == 1),
        "outcome_known": f["is_outcome_known"] == 1, "cells_required": f["cells_required"].where(kept, 0),
        "cells_filled": f["cells_filled"].where(kept, 0), "v": valid, "v_contacted": valid & (f["contacted"] == 1),
        "v_resolved": valid & (f["resolved"] == "yes"), "v_partly": valid & (f["resolved"] == "partly"),
        "v_satisfied": valid & (f["rating"] >= 4), "v_basic": valid & (f["rating"] == 3),
        "v_dissatisfied": valid & f["rating"].isin([1, 2]), "known_reply": replied, "known_rating": f["rating"].notna(),
        "known_person": f["is_repeat_watched"] == 1, "known_sign": f["sign_ended"].notna(),
        "known_reply_clock": f["reply_ended"].notna(), "known_close_clock": f["close_ended"].notna(),
    }  # fmt: skip
    for name in ("excluded", "duplicate", "withdrawn", "not_responsible", "extended", "suspended"):
        columns[f"n_{name}"] = f[f"is_{name}"] == 1
    for name in ("return", "extension", "suspension", "exclusion", "rework"):
        columns[f"known_{name}"] = f[f"is_{name}_known"] == 1
    columns |= {f"rating_{level}": fit & (f["rating"] == level) for level in range(6)}
    for grade in ("manner", "speed"):
        columns |= {f"{grade}_{level}": fit & (f[f"{grade}_grade"] == level) for level in range(1, 6)}
    for clock in ("sign_strict", "reply_strict", "reply_allowed", "close_strict", "close_allowed"):
        columns |= {f"{clock}_{name}": fit & (f[clock] == code) for name, code in STANDINGS.items()}
    return _with_whole(pd.DataFrame(columns).groupby(f["unit"], observed=True).sum())


def _templates(f: pd.DataFrame) -> pd.DataFrame:
    """Replies with a fingerprint, and those whose fingerprint the unit used three times or more in the month."""
    fit = f[_masks(f)[1]]
    same = fit.groupby(["unit", "reply_fingerprint"], observed=True).size()
    both = {"fingerprinted_replies": same, "template_replies": same.where(same >= 3, 0)}
    return _with_whole(pd.DataFrame(both).groupby(level=0, observed=True).sum())


def _with_whole(by_unit: pd.DataFrame) -> pd.DataFrame:
    by_unit.index = by_unit.index.astype(str)
    return pd.concat([by_unit, by_unit.sum().to_frame(WHOLE).T.rename_axis(by_unit.index.name)])


def _moving(f: pd.DataFrame, year: int) -> pd.DataFrame:
    """Closings by the month they happened in, and cases waiting at the end of each month."""
    borders = [int(day) for day in pd.date_range(f"{year}-01-01", periods=13, freq="MS").astype("datetime64[s]").asi8
               // 86_400]  # fmt: skip
    found = {}
    for number in range(12):
        first, end = borders[number : number + 2]
        closes = (f["closing_day"] >= first) & (f["closing_day"] < end)
        waits = (f["received_day"] < end) & ((f["is_closed"] == 0) | (f["closed_day"] >= end))
        both = pd.DataFrame({"n_closings": closes, "n_backlog": waits})
        found[f"{year}-{number + 1:02d}"] = _with_whole(both.groupby(f["unit"], observed=True).sum())
    return pd.concat(found, names=["month", "unit"])


def _of_counts(table: pd.DataFrame) -> pd.DataFrame:
    absent = pd.Series(0, index=table.index)
    found = {code: sum(weight * table.get(name, absent) for weight, name in terms) for code, terms in COUNTS.items()}
    return _melted(pd.DataFrame(found))


def _of_rates(table: pd.DataFrame) -> pd.DataFrame:
    """Every rate with its Wilson interval; none where the source never records the matter."""
    absent, found = pd.Series(0, index=table.index), []
    for code, rate in rates().items():
        if rate.recorded and not table.get(rate.recorded, absent).any():
            continue
        x, n = (sum(w * table.get(name, absent) for w, name in terms) for terms in (rate.numerator, rate.denominator))
        x, n = x[n > 0], n[n > 0].astype(float)
        p = x.clip(0, n) / n
        scale = 1 + Z**2 / n
        centre, half = (p + Z**2 / (2 * n)) / scale, Z * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)) / scale
        low, high = (centre - half).clip(lower=0).where(x > 0, 0.0), (centre + half).clip(upper=1).where(x < n, 1.0)
        found.append(_melted(pd.DataFrame({code: x / n}), low, high))
    return pd.concat(found)


def _growth(table: pd.DataFrame) -> pd.DataFrame:
    """P4 against the month before, where the data reach back so far."""
    now = table["n_received"].unstack("month")
    before = now.shift(axis=1)
    now, before = now.stack()[lambda s: s.index.isin(before.stack().index)], before.stack()
    now, before = now[before > 0], before[before > 0]
    n, p = now + before, now / (now + before)
    scale = 1 + Z**2 / n
    centre, half = (p + Z**2 / (2 * n)) / scale, Z * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)) / scale
    low, high = (centre - half).where(now > 0, 0.0), centre + half
    order = ["month", "unit"]
    value, low, high = (s.reorder_levels(order) for s in ((now - before) / before, low / (1 - low) - 1,
                                                          high / (1 - high) - 1))  # fmt: skip
    return _melted(pd.DataFrame({"P4": value}), low, high)


def _grades(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """S9: mean points of the grades for manner and speed, where any case carries them."""
    means, errors = {}, {}
    for grade in ("manner", "speed"):
        levels = table[[f"{grade}_{level}" for level in range(1, 6)]]
        n, points = levels.sum(axis=1), np.arange(5) * 25.0
        means[grade] = (levels @ points) / n.where(n > 0)
        errors[grade] = np.sqrt(((levels @ points**2) / n.where(n > 0) - means[grade] ** 2) / n)
    both, spread = pd.DataFrame(means), pd.DataFrame(errors)
    for code, names in (("S9", ["manner", "speed"]), ("S9.manner", ["manner"]), ("S9.speed", ["speed"])):
        value = both[names].mean(axis=1)
        half = Z * np.sqrt((spread[names] ** 2).sum(axis=1)) / both[names].notna().sum(axis=1)
        yield _melted(
            pd.DataFrame({code: value.dropna()}), (value - half).clip(lower=0), (value + half).clip(upper=100)
        )


def _times(f: pd.DataFrame, in_minutes: bool) -> Iterator[tuple[str, pd.DataFrame]]:
    """Medians, P90, means and restricted means of four clocks, and the median shares of two limits, with intervals."""
    fit = f[_masks(f)[1]]
    for code, (clock, seconds, horizon) in CLOCKS.items():
        taken = -(-fit[seconds] // MINUTE) * MINUTE if in_minutes else fit[seconds]
        by = _histogram(fit["unit"], taken, fit[f"{clock}_ended"] == 1)
        ended = _of_ended(by)
        yield from ((f"{code}.{kind}", found) for kind, found in ended.items())
        if code == "R3":
            yield code, ended["median"]  # the code alone means the median
        yield from ((f"{code}.{kind}", found) for kind, found in _with_open(by, horizon).items())
    for code, clock in (("R3.ratio", "reply"), ("H1.ratio", "close")):
        share = fit[f"{clock}_used"] / fit[f"{clock}_limit"].where(fit[f"{clock}_limit"] > 0)
        by = _histogram(fit["unit"], share, fit[f"{clock}_ended"] == 1)
        yield code, _with_open(by, None)["median_km"] * 3600


def _histogram(unit: pd.Series, taken: pd.Series, ended: pd.Series) -> pd.DataFrame:
    """Cases by unit and time taken, all units once more under one name: columns unit, t, n, d."""
    known = pd.DataFrame({"unit": unit, "t": taken, "d": ended})[taken.notna()]
    own = known.groupby(["unit", "t"], observed=True)["d"].agg(["size", "sum"]).reset_index()
    whole = own.groupby("t")[["size", "sum"]].sum().reset_index().assign(unit=WHOLE)
    both = pd.concat([own.astype({"unit": str}), whole], ignore_index=True)
    both["unit"] = both["unit"].astype("category")
    return both.rename(columns={"size": "n", "sum": "d"})


def _of_ended(by: pd.DataFrame) -> dict[str, pd.DataFrame]:
    unit, n = by["unit"], by.groupby("unit", observed=True)["d"].sum()
    n = n[n > 0]
    until, found = by.groupby("unit", observed=True)["d"].cumsum(), {}
    for kind, q in (("median", 0.5), ("p90", 0.9)):
        half = Z * np.sqrt(n * q * (1 - q))
        ranks = (np.ceil(q * n - 1e-9).clip(lower=1), np.floor(n * q - half).clip(lower=1),
                 (np.ceil(n * q + half) + 1).clip(upper=n))  # fmt: skip
        found[kind] = _bounds(*(_first(by, until >= unit.map(rank).astype(float)) for rank in ranks))
    mean = (by["t"] * by["d"]).groupby(unit, observed=True).sum() / n
    away = by["t"] - unit.map(mean).astype(float)
    half = Z * np.sqrt((by["d"] * away**2).groupby(unit, observed=True).sum() / (n - 1).clip(lower=1) / n)
    found["mean"] = _bounds(mean, mean - half, mean + half)
    return found


def _with_open(by: pd.DataFrame, horizon: float | None) -> dict[str, pd.DataFrame]:
    """Kaplan-Meier with log-log intervals, and the mean restricted to the horizon in hours."""
    unit = by["unit"]
    n = by["n"].groupby(unit, observed=True)
    waiting = n.transform("sum") - n.cumsum() + by["n"]
    left = (1 - by["d"] / waiting).groupby(unit, observed=True).cumprod()
    step = (by["d"] / (waiting * (waiting - by["d"]))).where(waiting > by["d"], 0.0)
    with np.errstate(all="ignore"):
        fallen = -np.log(left)
        theta = np.log(fallen).where(left > 0)
        half = Z * np.sqrt(step.groupby(unit, observed=True).cumsum()) / fallen
    found = {}
    for kind, q in (("median_km", 0.5), ("p90_km", 0.9)):
        bar = 1 - q + 1e-12
        height = np.log(-np.log(bar))
        hits = (left <= bar, theta + half >= height, theta - half >= height)
        found[kind] = _bounds(*(_first(by, hit) for hit in hits))
    if horizon is not None:
        found["rmst"] = _restricted(by, left, step, horizon * 3600)
    return found


def _restricted(by: pd.DataFrame, left: pd.Series, step: pd.Series, tau: float) -> pd.DataFrame:
    unit, reached = by["unit"], by["t"].clip(upper=tau)
    before = reached.groupby(unit, observed=True).shift(fill_value=0)
    height = left.groupby(unit, observed=True).shift(fill_value=1.0)
    area = (height * (reached - before)).groupby(unit, observed=True).cumsum()
    last = by.assign(area=area, left=left).groupby("unit", observed=True)[["t", "area", "left"]].last()
    mean = last["area"] + (tau - last["t"]).clip(lower=0) * last["left"]
    rest = unit.map(mean).astype(float) - area
    error = np.sqrt((rest**2 * step).where(by["t"] <= tau, 0.0).groupby(unit, observed=True).sum())
    return _bounds(mean, mean - Z * error, mean + Z * error)


def _first(by: pd.DataFrame, hit: pd.Series) -> pd.Series:
    return by[hit].groupby("unit", observed=True)["t"].first()


def _bounds(value: pd.Series, low: pd.Series, high: pd.Series) -> pd.DataFrame:
    """In hours; only units that have the value."""
    return pd.DataFrame({"value": value, "low": low, "high": high}).dropna(subset="value") / 3600


def _labelled(found: pd.DataFrame, month: str, code: str) -> pd.DataFrame:
    return found.rename_axis("unit").reset_index().astype({"unit": str}).assign(month=month, metric=code)


def _melted(found: pd.DataFrame, low: pd.Series | None = None, high: pd.Series | None = None) -> pd.DataFrame:
    long = found.rename_axis(columns="metric").stack().rename("value").reset_index()
    if low is None or high is None:
        return long
    at = pd.MultiIndex.from_frame(long[["month", "unit"]])
    return long.assign(low=low.reindex(at).to_numpy(), high=high.reindex(at).to_numpy())


def _means_of_units(long: pd.DataFrame) -> pd.DataFrame:
    """Beside each pooled total the plain mean of the units; plain counts have none."""
    of_units = long[(long["unit"] != WHOLE) & ~long["metric"].isin(list(COUNTS))]
    return of_units.groupby(["month", "metric"])["value"].mean().reset_index().assign(unit=MEAN)
