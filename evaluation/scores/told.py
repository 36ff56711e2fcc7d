"""Numbers that carry how finely they may be told: every printer asks the number, no printer asks who reads."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

PLACES = 2  # decimals of a score that is told whole


class Coarse(float):
    """A number told to `places` decimals to this reader, because further ones would give a few citizens away.

    It counts like any number; what is worked out from it is an ordinary number again, so use `told` or `middle`.
    """

    places: int

    def __new__(cls, value: float, places: int) -> Coarse:
        made = super().__new__(cls, value)
        made.places = places
        return made

    def __reduce__(self) -> tuple[type[Coarse], tuple[float, int]]:
        return Coarse, (float(self), self.places)


def places_of(*values: object) -> int:
    """The decimals in which numbers may be told together: those of the coarsest.

    >>> places_of(81.25, Coarse(56.6, 1)), places_of(81.25, None)
    (1, 2)
    """
    return min((value.places for value in values if isinstance(value, Coarse)), default=PLACES)


def told(value: float, *beside: float | None) -> float:
    """A number worked out from others, as coarse as the coarsest of them."""
    places = places_of(*beside)
    return value if places == PLACES else Coarse(value, places)


def middle(values: Iterable[float | None]) -> float | None:
    """The median of the numbers that exist, as coarse as the coarsest of them; None when there is none.

    >>> middle([3, None, 1]), middle([None]), places_of(middle([Coarse(56.6, 1), 57.13]))
    (2.0, None, 1)
    """
    known = [value for value in values if value is not None]
    return told(float(median(known)), *known) if known else None
