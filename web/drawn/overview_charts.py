"""The small drawings of overview and ranking."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext
from markupsafe import Markup

from pipeline.views.overview import Coverage, PeerGroup
from reports import numbers
from web.drawn import drawings
from web.languages import in_language, language


def score_ranges(groups: Iterable[PeerGroup]) -> dict[str, Markup]:
    """Each unit's score on its interval, all on one scale, by unit code."""
    units = [unit for group in groups for unit in group.units]
    ends = [v for unit in units for v in (unit.low, unit.high, unit.score) if v is not None]
    scale = (min(ends, default=0.0), max(ends, default=100.0))
    return {
        unit.code: drawings.score_range(
            unit.score,
            unit.low,
            unit.high,
            scale,
            gettext(
                "得分 %(score)s，区间 %(low)s—%(high)s",
                score=numbers.score_of(unit),
                low=numbers.score(unit.low),
                high=numbers.score(unit.high),
            ),
        )
        for unit in units
    }


def band_bar(group: PeerGroup) -> Markup:
    """How many units of a peer group hold each grade, as one bar."""
    parts = [
        (
            band.grade.place if band.grade else None,
            in_language(band.grade.title) if band.grade else gettext("不定等次"),
            n,
        )
        for band in group.bands
        if (n := len(band.units))
    ]
    return drawings.share_bar(parts, in_language(group.title))


def month_bars(coverage: Coverage) -> Markup:
    """Cases by month."""
    months = [(numbers.month(month, language()), n) for month, n in coverage.months]
    return drawings.bars(months, gettext("各月受理诉求件数"))
