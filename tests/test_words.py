"""No text of the program accuses: code, templates, translations, layouts, wordings, documentation, drawings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.accusing_words import accusing

ROOT = Path(__file__).parents[1]
ELSEWHERE = {"tests", "bench", "build", "node_modules", "demo"}
SUFFIXES = {".py", ".html", ".po", ".toml", ".md", ".typ", ".js", ".css", ".svg", ".json", ".sql", ".txt", ".mako",
            ".yaml", ".service", ".conf"}  # fmt: skip
CODE_NAMES = ("SUSPECT", "_suspects", "is_suspect", "suspects =", "in suspects")  # of cells that may hold personal data


def texts() -> list[Path]:
    """Every text file of the program; folders with a dot in front hold tools."""
    inside = (p.relative_to(ROOT) for p in ROOT.rglob("*") if p.suffix in SUFFIXES)
    return sorted(p for p in inside if p.parts[0] not in ELSEWHERE and not any(part[0] == "." for part in p.parts[:-1]))


def read(path: Path) -> str:
    text = (ROOT / path).read_text(encoding="utf-8")
    for name in CODE_NAMES if path.suffix == ".py" else ():
        text = text.replace(name, "")
    return text


def test_words_that_accuse_stand_nowhere() -> None:
    found = {str(path): words for path in texts() if (words := accusing(read(path)))}
    assert found == {}


@pytest.mark.parametrize(
    "place",
    ["README.md", "docs/integrity.md", "docs/adr/README.md", "imports/problems.toml", "imports/layouts/channels.toml",
     "reports/wording/annual.toml", "integrity/rules/detectors.toml", "templates/findings/show.html",
     "web/api/operations.py", "translations/en/LC_MESSAGES/messages.po", "pipeline/demo/irregularities.toml",
     "CHANGELOG.md"],
)  # fmt: skip
def test_every_kind_of_text_is_read(place: str) -> None:
    assert Path(place) in texts()


@pytest.mark.parametrize(
    "text",
    ["\u8be5\u5355\u4f4d\u6d89\u5acc\u9020\u5047", "\u9020\n  \u5047", "Fraudulent", "it is suspected", "cheated"],
)
def test_an_accusing_text_would_be_found(text: str) -> None:
    assert accusing(text)
