"""Run A: what chance in few cases does to scores, ranks and grades, by vectorised draws from the posteriors."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.scores.points import Anchors, is_clipped, points
from evaluation.scores.tree import Plan, combine
from evaluation.uncertainty.posterior import Posterior

Floats = NDArray[np.float64]
Draws = NDArray[np.float32]
RULE = "cornish_fisher"  # the name of these draws in a frozen result; results without a name were drawn otherwise
CHUNK_CELLS = 400_000  # draws x units worked on at a time, so that arrays stay in the cache and memory stays flat
THREADS = 2
AFFINE = frozenset({"goalposts", "rate_x_full", "minmax", "zscore", "target_distance", "deduction"})


@dataclass(frozen=True)
class Source:
    """How one indicator is drawn: its posterior, its anchors, and the points below which a protected unit cannot fall.

    `least` is the points at the target for units whose shortfall chance explains, 0 for the others.
    """

    posterior: Posterior
    anchors: Anchors
    least: Floats
    fixed_points: Floats  # points of the value itself, NaN where absent


def draw_scores(
    planned: Plan,
    sources: Mapping[str, Source],
    added: Floats,
    *,
    draws: int,
    seed: int,
    is_bounded: bool = True,
) -> Draws:
    """Scores of every draw, (draws, units) in float32.

    Units are the columns in the order given, sorted by code, so that one seed gives the same bytes whatever the order
    of the input. Each chunk of draws has a generator of its own, spawned from the seed: threads change nothing.
    `added` is bonus minus deduction per unit; scores are clipped to 0..100 where `is_bounded`.
    """
    units = len(added)
    per_chunk = max(1, CHUNK_CELLS // max(1, units))
    starts = range(0, draws, per_chunk)
    seeds = np.random.SeedSequence(seed).spawn(len(starts))
    scores = np.empty((draws, units), dtype=np.float32)
    recipes = {code: _recipe(source) for code, source in sources.items()}
    extra = added.astype(np.float32)

    def work(number: int) -> None:
        generator = np.random.default_rng(seeds[number])
        rows = slice(starts[number], min(draws, starts[number] + per_chunk))
        count = rows.stop - rows.start
        got = combine(planned, lambda code: recipes[code].draw(count, generator))
        got = got + extra
        scores[rows] = np.clip(got, 0, 100) if is_bounded else got

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(len(starts))))
    return scores


@dataclass(frozen=True)
class Recipe:
    """One indicator ready to be drawn in float32.

    Where points are a straight line of the value, `bends` already hold the line, and `scale` and `shift` bring the
    values drawn otherwise onto it; else they give values, which `points` turns into points. `low` and `high` are per
    unit what the points (or values) cannot leave.
    """

    source: Source
    is_straight: bool
    bends: tuple[Draws, ...]
    betas: NDArray[np.int64]
    scale: Floats
    shift: Floats
    low: Draws
    high: Draws
    constant: Draws | None

    def draw(self, count: int, generator: np.random.Generator) -> Draws:
        """Points of `count` draws, (count, units); (1, units) for an indicator known exactly."""
        if self.constant is not None:
            return self.constant
        got = self._bent(count, generator)
        np.clip(got, self.low, self.high, out=got)
        if self.is_straight:
            return got
        earned = points(self.source.anchors, got.astype(np.float64))
        earned = np.maximum(earned, self.source.least)
        return np.nan_to_num(earned).astype(np.float32)  # an absent unit has share 0 in the tree; NaN would survive it

    def _bent(self, count: int, generator: np.random.Generator) -> Draws:
        z = generator.standard_normal((count, len(self.low)), dtype=np.float32)
        got = z * self.bends[-1]
        for bend in self.bends[-2:0:-1]:
            got += bend
            got *= z
        got += self.bends[0]
        if len(self.betas):
            a, b = self.source.posterior.a[self.betas], self.source.posterior.b[self.betas]
            drawn = generator.beta(a, b, size=(count, len(self.betas)))
            got[:, self.betas] = drawn * self.scale[self.betas] + self.shift[self.betas]
        return got


def _recipe(source: Source) -> Recipe:
    posterior, indicator = source.posterior, source.anchors.indicator
    is_straight = indicator.method in AFFINE and indicator.transform == "none"
    scale, shift = _line(source.anchors) if is_straight else (np.ones(len(source.least)), np.zeros(len(source.least)))
    low, high = _ends(source, scale, shift, is_straight)
    bends = [np.nan_to_num(bend) * scale for bend in posterior.bends]
    bends[0] += shift
    return Recipe(
        source,
        is_straight,
        tuple(bend.astype(np.float32) for bend in bends),
        np.flatnonzero(posterior.needs_beta),
        scale,
        shift,
        low.astype(np.float32),
        high.astype(np.float32),
        _constant(source),
    )


def _line(anchors: Anchors) -> tuple[Floats, Floats]:
    """Scale and shift of points = scale·value + shift; 0 where the indicator gives no points."""
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = 100.0 / (anchors.full - anchors.zero)
        shift = -anchors.zero * scale
    return tuple(np.nan_to_num(side, posinf=0.0, neginf=0.0) for side in (scale, shift))  # type: ignore[return-value]


def _ends(source: Source, scale: Floats, shift: Floats, is_straight: bool) -> tuple[Floats, Floats]:
    """What draws cannot leave: no value below 0 where none is negative, no rate above 1, and the ends of the points.

    Protection by chance is the last word: it lifts the upper end too.
    """
    posterior, size = source.posterior, len(scale)
    present = posterior.mean[~np.isnan(posterior.mean)]
    least = 0.0 if len(present) and bool((present >= 0).all()) else -np.inf
    most = np.where(np.isnan(posterior.a), np.inf, 1.0)
    with np.errstate(invalid="ignore"):
        ends = [np.where(scale == 0, shift, scale * end + shift) for end in (np.full(size, least), most)]
    low, high = np.minimum(*ends), np.maximum(*ends)
    if not is_straight:
        return low, high
    if is_clipped(source.anchors.indicator):
        low, high = np.clip(low, 0, 100), np.clip(high, 0, 100)
    floor = np.nan_to_num(source.least, nan=-np.inf, neginf=-np.inf)
    return np.maximum(low, floor), np.maximum(high, floor)


def _constant(source: Source) -> Draws | None:
    """The points of an indicator that is known exactly, (1, units)."""
    if not source.posterior.is_exact:
        return None
    return np.nan_to_num(np.maximum(source.fixed_points, source.least))[None, :].astype(np.float32)
