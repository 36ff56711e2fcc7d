"""Sentences that stand above numbers: what a scorecard says first. Only what chance does not explain is called out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evaluation.rules.parameters import comparison_of
from pipeline.views.words import Words, listed
from reports import numbers
from reports.texts import say

if TYPE_CHECKING:
    from pipeline.views.prepared import Prepared
    from pipeline.views.scorecards import Tile

MOST_NAMED = 3
NOTED = ("T1", "S3", "n_follow_up", "n_excluded", "n_overdue_open")


def phrase(key: str, **values: Any) -> Words:
    """A text of `reports/wording` in both languages; a value that is a pair is filled in language by language."""

    def spoken(language: str) -> str:
        given = {name: getattr(v, language) if isinstance(v, Words) else v for name, v in values.items()}
        return say(language, key, **given)

    return Words(spoken("zh"), spoken("en"))


def reason_words(reason: str) -> Words:
    """Why a number is missing, in both languages."""
    return Words(numbers.reason_text(reason, "zh"), numbers.reason_text(reason, "en"))


def key_sentence(tiles: Sequence[Tile], reason: str | None) -> Words:
    """Targets met, what is better or worse than the peers beyond chance, and the largest gaps to a target."""
    if reason:
        return phrase("key.not_scored", reason=reason_words(reason))
    judged = [tile for tile in tiles if tile.is_met is not None]
    hidden = sum(tile.is_range for tile in tiles)
    met = sum(1 for tile in judged if tile.is_met)
    counted = Counter(tile.comparison for tile in tiles)
    parts = [phrase("key.met", judged=len(judged), met=met)] if judged else []
    if not judged:
        parts = [
            phrase(
                "key.compared",
                total=len(tiles) - hidden,
                better=counted["better"],
                worse=counted["worse"],
            )
        ]
    for kind in ("better", "worse"):
        named = [tile.name for tile in tiles if tile.comparison == kind]
        if named:
            names = listed(named[:MOST_NAMED])
            cut = len(named) > MOST_NAMED
            parts.append(phrase(f"key.{kind}", names=phrase("key.and_more", names=names) if cut else names))
    if hidden:
        parts.append(phrase("key.hidden", hidden=hidden))
    elif not any(tile.comparison for tile in tiles):
        parts.append(phrase("key.as_peers"))
    missed = sorted((t for t in judged if not t.is_met and t.measure == "rate"), key=lambda t: -abs(t.gap or 0))
    if missed:
        parts.append(phrase("key.gaps", names=listed(_gap(tile) for tile in missed[:2])))
    return Words("".join(part.zh for part in parts), "".join(part.en for part in parts).strip())


def comparison_rule(rule: str | None, scheme: Mapping[str, Any]) -> Words:
    """What made "better" and "worse" in a frozen result; results without a rule were judged by the first one."""
    level = numbers.level(comparison_of(scheme).difference_level)
    return phrase(f"key.rule_{rule or 'first'}", level=level)


def _gap(tile: Tile) -> Words:
    return phrase("key.gap", name=tile.name, size=numbers.percent_points(abs(tile.gap or 0), signed=False))


def funnel_reading(
    name: Words, size: float, rate: float, centre: float, where: str, levels: tuple[float, float]
) -> Words:
    """One line under a funnel: the unit's figures and whether chance explains the difference."""
    figures = {"n": numbers.count(size), "rate": numbers.percent(rate), "centre": numbers.percent(centre)}
    level = numbers.level(levels[where == "different"])
    return phrase(f"funnel_reading.{where}", name=name, level=level, **figures)


def data_notes(prepared: Prepared, unit: str) -> tuple[tuple[Words, str, Words], ...]:
    """What a reader must know about the data behind the card: label, figure, meaning."""
    notes = []
    for code in NOTED:
        found = prepared.values.get((unit, code))
        if found is None:
            continue
        what = prepared.definition(code)
        is_rate = what.measure == "rate"
        figure = numbers.percent(found.value) if is_rate else numbers.of_metric(found.value, what.measure)
        notes.append((what.name, figure, phrase(f"data_note.{code}")))
    return tuple(notes[:4])
