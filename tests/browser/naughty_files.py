"""An instance in which every text field of every kind of file holds what must never run."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from sqlalchemy import select

from imports.options import ImportOptions
from pipeline import importing
from pipeline.house import people
from pipeline.importing import uploads
from pipeline.integrity import sampling
from pipeline.judgement import assessing, rubrics
from records.instance import Instance
from records.models import Unit
from records.queries.people import viewer_for
from records.vocabulary import FIELDS_BY_KIND, Field, FieldType, Kind, Role

NAUGHTY = (
    "<script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=1">',
    "<svg/onload=window.pwned=1>",
    "'-window.pwned=1-'",
    "{{ 7*7 }}{% raw %}",
    "javascript:window.pwned=1",
    "=HYPERLINK(\"javascript:window.pwned=1\")",
    "</title></textarea><script>window.pwned=1</script>",
    "\u202egnirts\u202c <b onclick=window.pwned=1>bold</b> &lt;i&gt;",
    "<img src=//evil.example/x.png><link rel=stylesheet href=//evil.example/x.css>",
)  # fmt: skip
TEXTS = {FieldType.TEXT, FieldType.LONG_TEXT, FieldType.NUMBER_TEXT}
# What a row needs beside its texts, so that it is accepted; {day} is another for each row.
PLAIN = {
    Kind.RESPONSES: {
        "received_at": "2021-04-{day} 09:00", "first_response_at": "2021-04-{day} 12:00",
        "closed_at": "2021-04-{day} 15:00", "state": "已办结",
    },
    Kind.SURVEYS: {"answered_at": "2021-04-{day} 16:00", "rating": "不满意"},
    Kind.FOLLOWUPS: {"answered_at": "2021-04-{day} 17:00", "rating": "不满意", "reached": "成功"},
    Kind.COUNTS: {"period": "2021-04", "received": "10"},
    Kind.CHANNELS: {"channel": "网站", "checked_at": "2021-04-{day} 09:00", "is_available": "是"},
    Kind.EXCLUSIONS: {"applied_at": "2021-04-{day} 18:00"},
    Kind.UNITS: {"valid_from": "2020-01-01"},
}  # fmt: skip
ORDER = (Kind.UNITS, Kind.RESPONSES, Kind.SURVEYS, Kind.FOLLOWUPS, Kind.COUNTS, Kind.CHANNELS, Kind.EXCLUSIONS)


def mark(kind: Kind, field: str) -> str:
    """What tells on a page which field is shown there."""
    return f"{kind.value}-{field}"


def unit_name(n: int) -> str:
    return f"U{n} {NAUGHTY[n]} {mark(Kind.UNITS, 'unit_name')}"


def text_of(kind: Kind, field: Field, n: int) -> str:
    """The cell of a text field in row n; a number of a case is the same in every file, and so is the name of a unit."""
    if field.name == "parent":
        return unit_name(0) if n else ""
    if field.name == "merged_into" and n < len(NAUGHTY) - 2:
        return ""  # a merged case is rated by nobody
    if field.name == "merged_into_unit":
        return unit_name(0) if n == len(NAUGHTY) - 1 else ""
    if field.type is FieldType.UNIT or field.name == "unit_name":
        return unit_name(n)
    if field.name == "case_no":
        return f"C{n} {NAUGHTY[n]} {mark(Kind.RESPONSES, 'case_no')}"
    return f"{field.name[0]}{n} {NAUGHTY[n]} {mark(kind, field.name)}"


def rows_of(kind: Kind) -> list[list[str]]:
    """A header and one row for each naughty string."""
    texts = [f for f in FIELDS_BY_KIND[kind].values() if f.type in TEXTS or f.type is FieldType.UNIT]
    plain = {FIELDS_BY_KIND[kind][name]: value for name, value in PLAIN[kind].items()}
    header = [f.label_zh for f in (*texts, *plain)]
    return [header] + [
        [*(text_of(kind, f, n) for f in texts), *(value.format(day=f"{n + 1:02d}") for value in plain.values())]
        for n in range(len(NAUGHTY))
    ]


def write(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def wrong_rows_of(kind: Kind) -> list[list[str]]:
    """Naughty strings in every column, times, counts and words of a list too, under headers nobody knows."""
    fields = list(FIELDS_BY_KIND[kind].values())
    header = [*(f.label_zh for f in fields), *NAUGHTY]
    return [header] + [[f"{text} {mark(kind, f.name)}" for f in fields] + list(NAUGHTY) for text in NAUGHTY]


def _wait(instance: Instance, rows: list[list[str]], kind: Kind) -> None:
    """A checked upload that waits for somebody."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    stored = uploads.store(
        instance, stream=io.BytesIO(text.getvalue().encode()), name=f"{NAUGHTY[1]}.csv", kind=kind,
        options=ImportOptions(), by=NAUGHTY[0],
    )  # fmt: skip
    uploads.check(instance, stored.id)


def build(folder: Path) -> Instance:
    """The files of every kind taken in, a draft over them, an account for each role, and two uploads that wait."""
    instance = Instance.open(folder / "instance")
    for kind in ORDER:
        file = write(folder / f"{NAUGHTY[0].replace('/', '')}{kind.value}.csv", rows_of(kind))
        answer = importing.check(instance, file, kind=kind, options=ImportOptions(), by="naughty")
        assert answer.state == "checked", answer.problems
        importing.confirm(instance, answer.batch or 0, "naughty")
    with instance.session() as session:
        unit = session.scalars(select(Unit.code).where(Unit.name == unit_name(1))).one()
    for role in Role:
        people.add_person(
            instance, sign_in=role.value, name=NAUGHTY[0], role=role, password="correct horse battery 9",
            unit_code=unit if role is Role.UNIT_HEAD else None, has_survey_role=role is Role.ASSESSOR, by="naughty",
        )  # fmt: skip
    assessing.make_draft(instance, scheme_id="bj_three_rates", period="2021-04", draws=50, by="naughty")
    for kind in ORDER:
        _wait(instance, wrong_rows_of(kind), kind)
    _wait(instance, rows_of(Kind.RESPONSES)[:-1], Kind.RESPONSES)
    with instance.session() as session:
        surveyor = viewer_for(session, person_id=list(Role).index(Role.ASSESSOR) + 1)
    assert surveyor is not None
    sampling.draw_and_store(instance, "2021", size=20, seed=1, viewer=surveyor)
    people.add_person(instance, sign_in="second", name=NAUGHTY[1], role=Role.ASSESSOR, by="naughty")
    rubrics.draw(instance, surveyor, form_id="reply_quality", period="2021", per_unit=1, seed=1)
    return instance
