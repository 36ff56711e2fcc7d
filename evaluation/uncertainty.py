"""Run A: what chance in few cases does to scores, ranks and grades, by vectorised draws from the posteriors."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.points import Anchors, is_clipped, points, transformed
from evaluation.posterior import Posterior
from evaluation.tree import Plan, combine

Floats = NDArray[np.float64]
Draws = NDArray[np.float32]
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
    """One indicator ready to be drawn in float32."""

    source: Source
    mean: Draws
    sd: Draws
    betas: NDArray[np.int64]
    slope: Draws
    start: Draws
    least: Draws
    constant: Draws | None
    floor: float | None

    def draw(self, count: int, generator: np.random.Generator) -> Draws:
        """Points of `count` draws, (count, units); (1, units) for an indicator known exactly."""
        if self.constant is not None:
            return self.constant
        values = self._values(count, generator)
        indicator = self.source.anchors.indicator
        if indicator.method in AFFINE:
            got = transformed(indicator, values)  # type: ignore[arg-type]
            got = got * self.slope
            got += self.start
            if is_clipped(indicator):
                np.clip(got, 0, 100, out=got)
        else:
            got = points(self.source.anchors, values.astype(np.float64)).astype(np.float32)
        np.maximum(got, self.least, out=got)
        return np.nan_to_num(got, copy=False)  # an absent unit has share 0 in the tree; NaN would survive that

    def _values(self, count: int, generator: np.random.Generator) -> Draws:
        values = generator.standard_normal((count, len(self.mean)), dtype=np.float32)
        values *= self.sd
        values += self.mean
        if len(self.betas):
            a, b = self.source.posterior.a[self.betas], self.source.posterior.b[self.betas]
            values[:, self.betas] = generator.beta(a, b, size=(count, len(self.betas)))
        if self.floor is not None:
            np.maximum(values, np.float32(self.floor), out=values)
        return values


def _recipe(source: Source) -> Recipe:
    posterior, anchors = source.posterior, source.anchors
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = 100.0 / (anchors.full - anchors.zero)
        start = -anchors.zero * slope
    present = posterior.mean[~np.isnan(posterior.mean)]
    never_negative = bool(len(present)) and bool((present >= 0).all())
    constant = None
    if posterior.is_exact:
        fixed = np.nan_to_num(np.maximum(source.fixed_points, source.least))
        constant = fixed[None, :].astype(np.float32)
    return Recipe(
        source,
        np.nan_to_num(posterior.mean).astype(np.float32),
        np.nan_to_num(posterior.sd).astype(np.float32),
        np.flatnonzero(posterior.needs_beta),
        np.nan_to_num(slope, posinf=0.0, neginf=0.0).astype(np.float32),
        np.nan_to_num(start, posinf=0.0, neginf=0.0).astype(np.float32),
        np.nan_to_num(source.least, nan=-np.inf, neginf=-np.inf).astype(np.float32),
        constant,
        0.0 if never_negative else None,
    )
