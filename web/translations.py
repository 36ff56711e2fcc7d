"""The catalogue of translations: Chinese is the message, English its translation.

python -m web.translations --check      fail when a message has no English text or a text has no message
python -m web.translations --update     read the messages of code and templates into the catalogue
python -m web.translations --fill FILE  take English texts from a JSON object {"中文": "English"} into the catalogue
python -m web.translations --compile    write the .mo files, for tools that want them
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterator
from functools import lru_cache
from os import PathLike
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.support import Translations

ROOT = Path(__file__).parents[1]
TRANSLATED = ("en",)
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "_l": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
HEADER = """# English texts of Wenxiao. `python -m web.translations --update` keeps the list of messages.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
METHODS = {"web": [("**.py", "python")], "templates": [("**.html", "jinja2")]}
OPTIONS = {"**.html": {"encoding": "utf-8", "silent": "false", "extensions": "jinja2.ext.i18n"}}


def catalogue_path(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"


def messages() -> Iterator[tuple[str, int, str | tuple[str, ...], str | None]]:
    """Every marked text of code and templates as (file, line, text, context)."""
    for folder, methods in METHODS.items():
        found = extract_from_dir(ROOT / folder, methods, OPTIONS, KEYWORDS, directory_filter=_is_ours)
        for name, line, text, _comments, context in sorted(found, key=lambda row: (row[0], row[1])):
            yield f"{folder}/{name}", line, text, context


def _is_ours(folder: str | PathLike[str]) -> bool:
    """Whether a folder is read; Babel by itself would leave out `templates/_macros`."""
    return Path(folder).name != "__pycache__"


def template() -> Catalog:
    """The messages as a catalogue without translations; line numbers are left out, they change with every edit."""
    catalog = Catalog(project="wenxiao", charset="utf-8", fuzzy=False)
    for name, _line, text, context in messages():
        catalog.add(text, locations=[(name, 0)], context=context)
    return catalog


def read(path: Path) -> Catalog:
    """The stored catalogue, an empty one when there is none."""
    language = path.parts[-3]
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language)


def write(path: Path, catalog: Catalog) -> None:
    """Store a catalogue, sorted by message so that two branches rarely touch the same lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog.obsolete.clear()
    temporary = path.with_suffix(".po.new")
    with temporary.open("wb") as file:
        file.write(HEADER.format(language=path.parts[-3]).encode())
        pofile.write_po(file, catalog, width=120, sort_output=True, omit_header=True, include_lineno=False)
    temporary.replace(path)


def is_translated(string: object) -> bool:
    """True when every form of a text is filled in."""
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def faults(language: str) -> list[str]:
    """What is wrong with a catalogue, one sentence each; an empty list when it is complete and fresh."""
    wanted, stored = template(), read(catalogue_path(language))
    keys = {(m.id, m.context) for m in wanted if m.id}
    found = []
    for message in wanted:
        have = stored.get(message.id, message.context) if message.id else None
        if message.id and (have is None or not is_translated(have.string) or have.fuzzy):
            found.append(f"{language}: no translation of “{message.id}” ({message.locations[0][0]})")
    found += [f"{language}: “{m.id}” is no longer used" for m in stored if m.id and (m.id, m.context) not in keys]
    for message in stored:
        if message.id and message.string:
            found += [f"{language}: “{message.id}”: {error}" for error in message.check(stored)]
    return found


def update(language: str) -> None:
    """Take new messages into the catalogue and drop those no longer used."""
    path = catalogue_path(language)
    catalog = read(path)
    catalog.update(template(), no_fuzzy_matching=True, update_header_comment=False, keep_user_comments=False)
    write(path, catalog)


def fill(language: str, texts: dict[str, str]) -> None:
    """Update the catalogue and set the given translations; a text that is no message is left aside."""
    update(language)
    path = catalogue_path(language)
    catalog = read(path)
    for message in catalog:
        key = message.id[0] if isinstance(message.id, tuple) else message.id
        if key and key in texts:
            given = texts[key]
            message.string = (given, given) if isinstance(message.id, tuple) and isinstance(given, str) else given
    write(path, catalog)


def compiled(path: Path) -> bytes:
    """A catalogue in the compiled form."""
    file = io.BytesIO()
    mofile.write_mo(file, read(path))
    return file.getvalue()


@lru_cache(maxsize=8)
def _load(path: Path, changed: float) -> Translations:
    return Translations(io.BytesIO(compiled(path)))


def load(path: Path) -> Translations:
    """The translations of a catalogue file, read again only when the file changed."""
    return _load(path, path.stat().st_mtime if path.exists() else 0.0)


def main(arguments: list[str] | None = None) -> int:
    """Answer the command line; the exit code is 1 when a check finds faults."""
    parser = argparse.ArgumentParser(prog="python -m web.translations", description="Translations of the pages")
    what = parser.add_mutually_exclusive_group(required=True)
    for option in ("check", "update", "compile"):
        what.add_argument(f"--{option}", action="store_true")
    what.add_argument("--fill", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    for language in TRANSLATED:
        if asked.update:
            update(language)
        elif asked.fill:
            fill(language, json.loads(asked.fill.read_text(encoding="utf-8")))
        elif asked.compile:
            catalogue_path(language).with_suffix(".mo").write_bytes(compiled(catalogue_path(language)))
    found = [fault for language in TRANSLATED for fault in faults(language)] if asked.check else []
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
