"""Which fonts a PDF may use, which of them lack a bold face, and which characters none of them has.

Sources in order: the folder named by WENXIAO_FONT_DIR (an office's own 方正小标宋, 仿宋_GB2312 …), then the two faces
of the package pylopdf-fonts-zh-cn. System fonts are never used: the same data gives the same file on every machine.
"""

from __future__ import annotations

import json
import os
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import pylopdf_fonts_zh_cn

if TYPE_CHECKING:
    import typst

LATIN = {"Times New Roman"}
SINGLE_WEIGHT = {"FZXiaoBiaoSong-B05S"}  # meant to be used as it is
ROLES = {
    "title": ["FZXiaoBiaoSong-B05S", "Noto Serif SC"],
    "body": ["Times New Roman", "FangSong_GB2312", "FangSong", "Noto Serif SC"],
    "h1": ["SimHei", "Noto Sans CJK SC", "Noto Sans SC"],
    "h2": ["KaiTi_GB2312", "KaiTi", "LXGW WenKai", "Noto Serif SC"],
    "table": ["SimSun", "Noto Serif SC"],
    "sans": ["Noto Sans CJK SC", "Noto Sans SC"],
}
CHART_FONT = "Noto Sans SC"


def folders() -> list[str]:
    """The folders that are searched, the office's own first."""
    own = os.environ.get("WENXIAO_FONT_DIR")
    return [f for f in (own, str(pylopdf_fonts_zh_cn.sans_path().parent)) if f]


def fonts() -> typst.Fonts:
    """The parsed fonts, handed to every compile call."""
    return _fonts(tuple(folders()))


@lru_cache(maxsize=4)
def _fonts(paths: tuple[str, ...]) -> typst.Fonts:
    import typst  # this and the fonts are loaded where something is printed

    return typst.Fonts(include_system_fonts=False, font_paths=list(paths))


def roles_json() -> str:
    """The installed families of each role and whether its bold must be drawn with an outline, as JSON for typst."""
    weights: dict[str, set[int]] = {}
    for face in fonts().fonts():
        weights.setdefault(face.family, set()).add(face.weight)
    answer = {}
    for role, wanted in ROLES.items():
        installed = [family for family in wanted if family in weights]
        main = next(family for family in installed if family not in LATIN)
        needs_outline = max(weights[main]) < 600 and main not in SINGLE_WEIGHT
        answer[role] = {"families": installed, "fake": needs_outline}
    return json.dumps(answer, ensure_ascii=False)


@lru_cache(maxsize=4)
def _characters(paths: tuple[str, ...]) -> frozenset[int]:
    from fontTools.ttLib import TTCollection, TTFont

    known: set[int] = set()
    for face in _fonts(paths).fonts():
        path = (face.path or "").lower()
        if path.endswith((".ttf", ".otf")):
            with TTFont(face.path, lazy=True) as font:
                known |= set(font.getBestCmap())
        elif path.endswith((".ttc", ".otc")):
            with TTCollection(face.path, lazy=True) as collection:
                known |= set(collection.fonts[face.index].getBestCmap())
    return frozenset(known)


def missing_characters(text: str) -> list[str]:
    """Characters no font has, sorted: a picture would show an empty box, PDF/A is refused."""
    known = _characters(tuple(folders()))
    return sorted(c for c in set(text) if ord(c) > 32 and ord(c) not in known)


def printable(text: str) -> str:
    """The text with the code in the place of every character no font has: 😀 is [U+1F600].

    PDF/A holds no character without a shape, and what citizens wrote is printed whatever they wrote. Marks that have no
    shape of their own (joiners, directions, variations) are left out.
    """
    missing = missing_characters(text)
    return text.translate({ord(c): _told(c) for c in missing}) if missing else text


def _told(character: str) -> str:
    is_shapeless = unicodedata.category(character) == "Cf" or "VARIATION SELECTOR" in unicodedata.name(character, "")
    return "" if is_shapeless else f"[U+{ord(character):04X}]"
