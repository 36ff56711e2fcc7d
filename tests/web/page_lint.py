"""What every page must keep, found by reading its markup: one H1 that the title begins with, unique ids, labels tied to
fields, tables with captions, scoped heads, number columns that stand to the right and numbers that keep their name on a
phone, no inline style or script, a token in every form that posts, no
Chinese sentence of the program on an English page, no word that accuses."""

from __future__ import annotations

import re
from functools import lru_cache
from html.parser import HTMLParser

from tests.accusing_words import accusing
from web.translations import catalogue_path, read

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
CHINESE = re.compile("[\u4e00-\u9fff]")
SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-l", "data-u")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.tags: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.texts: dict[str, list[str]] = {"h1": [], "title": []}
        self.faults: list[str] = []
        self.said: list[str] = []  # every text and spoken mark outside what is marked as another language

    def handle_starttag(self, tag, attributes):
        marks = dict(attributes)
        self.tags.append((tag, marks, [name for name, _ in self.open]))
        self.said += [text for name in SPOKEN if (text := marks.get(name)) and not self._is_foreign()]
        if tag in self.texts:
            self.texts[tag].append("")
        if tag not in VOID:
            self.open.append((tag, marks))

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes), [name for name, _ in self.open]))

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1][0] if self.open else 'nothing'}")
            return
        self.open.pop()

    def _is_foreign(self) -> bool:
        return any((marks.get("lang") or "en").startswith("zh") for _, marks in self.open)

    def handle_data(self, data):
        if data.strip() and not self._is_foreign():
            self.said.append(data.strip())
        for tag in self.texts:
            if any(name == tag for name, _ in self.open):
                self.texts[tag][-1] += data


def faults(html: str) -> list[str]:
    """Everything that is wrong with a page, one sentence each."""
    page = _Reader()
    page.feed(html)
    return [
        *page.faults,
        *(f"<{tag}> is never closed" for tag, _ in page.open),
        *_heading(page),
        *_ids(page),
        *_labels(page),
        *_tables(page),
        *_columns(page),
        *_inline(page),
        *_forms(page),
        *_untranslated(page),
        *(f"the page says “{word}”" for word in accusing(html)),
    ]


def _heading(page: _Reader) -> list[str]:
    titles = [text.strip() for text in page.texts["title"]]
    heads = [" ".join(text.split()) for text in page.texts["h1"]]
    if len(heads) != 1 or not titles:
        return [f"{len(heads)} H1 and {len(titles)} titles"]
    return [] if titles[0].startswith(heads[0]) else [f"the title “{titles[0]}” does not begin with “{heads[0]}”"]


def _ids(page: _Reader) -> list[str]:
    seen: set[str] = set()
    found = []
    ids = [marks["id"] for _, marks, _ in page.tags if marks.get("id")]
    for ident in ids:
        if ident in seen:
            found.append(f"the id {ident} stands twice")
        seen.add(ident or "")
    pointers = ("for", "aria-labelledby", "aria-describedby", "data-into", "data-chart-open")
    for tag, marks, _ in page.tags:
        for name in pointers:
            found += [f"{tag} {name} points to no {i}" for i in (marks.get(name) or "").split() if i not in seen]
    return found


def _labels(page: _Reader) -> list[str]:
    labelled = {marks.get("for") for tag, marks, _ in page.tags if tag == "label"}
    found = []
    for tag, marks, parents in page.tags:
        if tag not in ("input", "select", "textarea") or marks.get("type") in ("hidden", "submit", "button"):
            continue
        if marks.get("id") not in labelled and "label" not in parents and not marks.get("aria-label"):
            found.append(f"{tag} {marks.get('name')} has no label")
    return found


def _tables(page: _Reader) -> list[str]:
    tables = sum(tag == "table" for tag, _, _ in page.tags)
    captions = sum(tag == "caption" for tag, _, _ in page.tags)
    found = [] if tables == captions else [f"{tables} tables and {captions} captions"]
    return found + ["a th without scope" for tag, marks, _ in page.tags if tag == "th" and not marks.get("scope")]


def _columns(page: _Reader) -> list[str]:
    """Cells that stand otherwise than the head of their column; numbers without a name where a row becomes a card."""
    found: list[str] = []
    heads: list[bool] = []
    place, is_stacked, is_plain = 0, False, True
    for tag, marks, parents in page.tags:
        classes = (marks.get("class") or "").split()
        if tag == "table":
            heads, is_stacked = [], "cards" in classes
        elif tag == "tr":
            place, is_plain = 0, True
        elif tag in ("td", "th") and "thead" in parents:
            heads.append("num" in classes)
        elif tag in ("td", "th"):
            is_plain = is_plain and "colspan" not in marks
            if is_plain and place < len(heads) and heads[place] != ("num" in classes):
                found.append(f"cell {place + 1} of a row is not aligned as the head of its column")
            if is_stacked and tag == "td" and "num" in classes and not (marks.get("data-l") or marks.get("data-u")):
                found.append(f"cell {place + 1} of a row is a number without a name on a phone")
            place += 1
    return list(dict.fromkeys(found))


def _inline(page: _Reader) -> list[str]:
    found = []
    for tag, marks, _ in page.tags:
        found += [f"{tag} has {name}" for name in marks if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in marks and marks.get("type") != "application/json"):
            found.append(f"inline {tag}")
        if tag in ("a", "img") and not (marks.get("href") or marks.get("src") or marks.get("id")):
            found += [f"{tag} leads nowhere"] if marks.get("href") != "" else []
    return found


def _forms(page: _Reader) -> list[str]:
    posts = sum(tag == "form" and (marks.get("method") or "").lower() == "post" for tag, marks, _ in page.tags)
    tokens = sum(tag == "input" and marks.get("name") == "csrf_token" for tag, marks, _ in page.tags)
    return [] if posts == tokens else [f"{posts} posting forms and {tokens} tokens"]


@lru_cache
def _own_texts() -> frozenset[str]:
    """Every Chinese text of the program that has an English one."""
    return frozenset(
        str(message.id).strip() for message in read(catalogue_path("en")) if CHINESE.search(str(message.id))
    )


def _untranslated(page: _Reader) -> list[str]:
    """Texts of the program that stand in Chinese on an English page; names and words of records stay as they are."""
    if not any(tag == "html" and marks.get("lang") == "en" for tag, marks, _ in page.tags):
        return []
    return [f"“{text}” is not translated" for text in page.said if text in _own_texts()]
