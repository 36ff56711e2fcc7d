"""The catalogue: complete, fresh, and a check that can fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.page_lint import faults
from web import translations

ROOT = Path(__file__).parents[2]
MARKS = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
CHINESE = re.compile("[\u4e00-\u9fff，。；：、（）“”]")
ASKED_FOR = re.compile(r"""_\(\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
NAMES = {"中文", "Wenxiao 问效"}  # the language by its own name, the program by both of its names


@pytest.fixture(scope="module")
def messages_read_once() -> list[tuple]:
    return list(translations.messages())


@pytest.fixture(autouse=True)
def code_and_templates_read_once(messages_read_once: list[tuple], monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests of the module see the same messages: reading them takes a second."""
    monkeypatch.setattr(translations, "messages", lambda: iter(messages_read_once))


def test_every_message_has_an_english_text_and_none_is_stale():
    assert translations.faults("en") == []


def test_missing_stale_and_broken_texts_are_found(tmp_path, monkeypatch):
    path = tmp_path / "en" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "没有这句"\nmsgstr "gone"\n', "utf-8"
    )
    monkeypatch.setattr(translations, "catalogue_path", lambda language: path)
    found = translations.faults("en")
    assert any("没有这句" in fault and "no longer used" in fault for fault in found)
    assert any("no translation" in fault for fault in found)
    assert translations.main(["--check"]) == 1


def test_fill_keeps_what_is_there_and_adds_what_is_given(tmp_path, monkeypatch):
    path = tmp_path / "en" / "LC_MESSAGES" / "messages.po"
    monkeypatch.setattr(translations, "catalogue_path", lambda language: path)
    translations.fill("en", {"登录": "Sign in", "没有这句": "nothing"})
    translations.fill("en", {"密码": "Password"})
    texts = {message.id: message.string for message in translations.read(path)}
    assert texts["登录"] == "Sign in"
    assert texts["密码"] == "Password"
    assert "没有这句" not in texts
    assert translations.load(path).ugettext("登录") == "Sign in"


def test_messages_come_from_code_templates_and_macros():
    places = {name.rsplit("/", 1)[0] for name, _, _, _ in translations.messages()}
    assert {"web/forms", "templates/_macros", "templates/units"} <= places


def bare_texts_of_template(text: str) -> list[str]:
    """Chinese in a template that no translation reaches: outside of marks, or a literal inside one without `_`."""
    outside = [line.strip() for line in MARKS.sub("", text).splitlines() if CHINESE.search(line)]
    inside = [ASKED_FOR.sub("_(", mark) for mark in MARKS.findall(text) if not mark.startswith("{#")]
    literals = [quoted for mark in inside for quoted in re.findall(r"\"[^\"]*\"|'[^']*'", mark)]
    return [*outside, *(quoted for quoted in literals if CHINESE.search(quoted))]


def bare_texts_of_code(text: str) -> Iterator[str]:
    """Chinese literals of a module that stand in no call of a translation and are no docstring."""
    tree = ast.parse(text)
    reached: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in translations.KEYWORDS:
            reached |= {id(part) for argument in node.args for part in ast.walk(argument)}
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            reached.add(id(node.body[0].value))  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Constant) and id(node) not in reached else None
        if isinstance(value, str) and re.search("[\u4e00-\u9fff]", value) and value not in NAMES:
            yield value


@pytest.mark.parametrize("path", sorted(ROOT.glob("templates/**/*.html")), ids=lambda path: path.stem)
def test_a_template_has_no_text_that_no_translation_reaches(path: Path):
    assert bare_texts_of_template(path.read_text("utf-8")) == []


def test_the_code_of_pages_has_no_text_that_no_translation_reaches():
    found = [
        (path.name, text) for path in ROOT.glob("web/**/*.py") for text in bare_texts_of_code(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "count"),
    [("<p>没有</p>", 1), ("{{ _('有') }}", 0), ("{{ '没有' }}", 1), ("{# 说明 #}", 0), ("{{ a }}：{{ b }}", 1)],
)
def test_a_bare_text_of_a_template_would_be_found(text: str, count: int):
    assert len(bare_texts_of_template(text)) == count


def test_a_bare_text_of_code_would_be_found():
    assert list(bare_texts_of_code('"""说明"""\nx = gettext("有")\ny = "没有"')) == ["没有"]


def test_a_chinese_sentence_of_the_program_on_an_english_page_is_a_fault():
    page = '<html lang="{}"><head><title>a</title></head><body><h1>a</h1><p>{}</p></body></html>'
    assert faults(page.format("en", "退出")) == ["“退出” is not translated"]
    assert faults(page.format("zh-CN", "退出")) == []
    assert faults(page.format("en", "海川市教育局")) == []
    assert faults(page.format("en", '<span lang="zh">退出</span>')) == []
