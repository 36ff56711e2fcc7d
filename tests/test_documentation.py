"""The generated pages of docs/ say what their sources say now, and name everything."""

from __future__ import annotations

import pytest

from imports.problems import problem_codes
from metrics.registry import REGISTRY
from pipeline.commands import COMMAND_MODULES
from pipeline.documentation import DOCS, PAGES, stale_pages


def test_pages_are_fresh() -> None:
    assert stale_pages() == [], "run `make docs`"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("metrics.md", [f"| {code} |" for code in REGISTRY]),
        ("problems.md", [f"`{code}`" for code in problem_codes()]),
        ("commands.md", [f"## wenxiao {name}\n" for name in COMMAND_MODULES]),
    ],
)
def test_pages_name_everything(name: str, expected: list[str]) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    assert [word for word in expected if word not in text] == []


def test_stale_page_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PAGES, "glossary.md", lambda: "something else")
    assert "glossary.md" in stale_pages()
