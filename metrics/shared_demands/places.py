"""Which place a complaint is about: the road, estate or village its text names, or the spot that was filled in.

Two complaints in the same words about two estates are two demands. The place found here is evidence for comparing
cases only; it is never shown as an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from metrics.shared_demands.text_vectors import normalised

NAMED = re.compile(
    r"([\u4e00-\u9fff]{2})(?:花园|花苑|小区|家园|嘉园|佳园|雅苑|家属院|新村|新城|公寓|大厦|宿舍|名都|名城|小学|中学|医院"
    r"|苑(?!新村|小区|社区)|社区(?!居委|工作|服务|干部)|村(?!民|委|里|口|镇|道)"
    r"|(?:大道|路(?!灯|面|障|况|人|过|边|上|中)|街(?!道|坊|办)|巷|胡同)(?:\d+号(?!楼|院|线))?)"
)
VAGUE_ENDS = frozenset("的个在该本我们这那各一些住家整全老旧某条段修让上沿小马道铁公离近到于及和与对请所进回")
SPOT_LENGTHS = range(3, 9)
COARSE = re.compile(r"(?<![小社片景厂库])区$|[市县]$")


def named_place(text: str) -> str | None:
    """The first estate, village or road (with its house number) that a normalised text names, else None.

    >>> named_place(normalised("反映翠湖花园3号楼电梯停运")), named_place(normalised("东山路823号门前积水"))
    ('翠湖花园', '东山路823号')
    >>> named_place(normalised("我们小区路灯不亮")) is None
    True
    """
    found = _named(text)
    return found[1] if found else None


def _named(text: str) -> tuple[int, str] | None:
    return next(((m.start(), m.group(0)) for m in NAMED.finditer(text) if m.group(1)[-1] not in VAGUE_ENDS), None)


def place_keys(texts: Sequence[str], spots: Sequence[str | None], places: Sequence[str | None]) -> list[str]:
    """One key of the place for each normalised text; equal keys, same place as far as is known; "" where nothing is.

    In order: the place the text names first, be it by a common ending or as a spot that some case filled in; the
    filled-in spot; and at last the coarser place (village, street) by itself.
    """
    filled = [_spot(spot) for spot in spots]
    known = frozenset(spot for spot in filled if len(spot) in SPOT_LENGTHS)
    return [_key(*row, known) for row in zip(texts, filled, places, strict=True)]


def _spot(spot: str | None) -> str:
    """A filled-in spot, normalised; a whole city, district or county says nothing about the place.

    >>> _spot("海川市临江区"), _spot("翠湖小区")
    ('', '翠湖小区')
    """
    text = normalised(spot) if spot else ""
    return "" if COARSE.search(text) else text


def _key(text: str, spot: str, place: str | None, known: frozenset[str]) -> str:
    named, other = _named(text), _known_spot(text, known)
    if other and (named is None or other[0] <= named[0]):
        return named_place(other[1]) or other[1]
    return named[1] if named else (named_place(spot) or spot or (f"~{place}" if place and _spot(place) else ""))


def _known_spot(text: str, known: frozenset[str]) -> tuple[int, str] | None:
    """Where the first, longest name of a spot stands that some case filled in and this text contains."""
    if not known:
        return None
    for start in range(len(text)):
        for length in reversed(SPOT_LENGTHS):
            if text[start : start + length] in known:
                return start, text[start : start + length]
    return None


def is_address(key: str) -> bool:
    """Whether a key names a house number, so that little likeness is enough for one demand."""
    return any(c.isdigit() for c in key)


def without(texts: Iterable[str], keys: Iterable[str]) -> list[str]:
    """The texts without the name of their place, so that likeness is about the trouble."""
    return [text.replace(key, "") if key else text for text, key in zip(texts, keys, strict=True)]
