"""Which layout that this office saved a file follows, where its headings are not quite those of the layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from imports.columns.header import choose_layout
from imports.options import ImportOptions, SavedLayout
from imports.reading.grid import Row
from imports.values.cells import plain, text_of
from records.vocabulary import Kind

_MOST = 0.75  # of all headings, of the layout and of the file, are the same


@dataclass(frozen=True)
class ChangedLayout:
    """A saved layout whose headings the file has for the most part, and those it lacks or has besides."""

    layout: SavedLayout
    missing: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def options(self) -> ImportOptions:
        """What it says about the columns that are there. The direction of numbers is asked again."""
        gone = set(map(plain, self.missing))
        kept = tuple((field, header) for field, header in self.layout.options.map if plain(header) not in gone)
        return replace(self.layout.options, map=kept, scale=())


def changed_layout(
    saved: Sequence[SavedLayout], kind: Kind, header: Row, options: ImportOptions
) -> ChangedLayout | None:
    """The saved layout most of whose headings the file has; None also where the program knows another source by them.

    >>> own = SavedLayout("own", None, ImportOptions(layout="responses"), ("编号甲", "单位", "时间", "打分"))
    >>> changed_layout([own], Kind.RESPONSES, ["编号甲", "单位", "时间", "得分", "打分"], ImportOptions()).added
    ('得分',)
    """
    source = choose_layout(kind, map(text_of, header), options).id
    found = [_compared(entry, header) for entry in saved if entry.headings and entry.options.layout == source]
    near = [entry for entry, share in found if share >= _MOST]
    return min(near, key=lambda entry: len(entry.missing) + len(entry.added), default=None)


def _compared(layout: SavedLayout, header: Row) -> tuple[ChangedLayout, float]:
    before = {plain(word): word for word in layout.headings if plain(word)}
    now = {plain(cell): text_of(cell) for cell in header if plain(cell)}
    missing = tuple(text for word, text in before.items() if word not in now)
    added = tuple(text for word, text in now.items() if word not in before)
    return ChangedLayout(layout, missing, added), (len(before) - len(missing)) / (len(before | now) or 1)
