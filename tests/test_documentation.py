"""The generated pages of docs/ say what their sources say now, and name everything."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from imports.problems import problem_codes
from metrics.registry import REGISTRY
from pipeline.commands import COMMAND_MODULES
from pipeline.documentation import DOCS, PAGES, stale_pages
from records.settings import TEMPLATE, Settings


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


@pytest.mark.parametrize("setting", [field.name for field in fields(Settings)])
def test_every_setting_is_described(setting: str) -> None:
    assert f"`{setting}`" in (DOCS / "operations.md").read_text(encoding="utf-8")
    assert f"\n# {setting} = " in TEMPLATE


def test_every_decision_stands_in_the_list_in_order() -> None:
    listed = re.findall(r"^\| \[\d+\]\((.*?)\)", (DOCS / "adr" / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == sorted(path.name for path in (DOCS / "adr").glob("0*.md"))


def test_stale_page_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PAGES, "glossary.md", lambda: "something else")
    assert "glossary.md" in stale_pages()
