"""An office with two published months under one scheme: what follows from a result, and what changed since."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from pipeline.judgement import assessing
from records.clock import now
from records.models import Finding
from records.vocabulary import Role
from tests.web.office import confirmed, instance_of, open_office, orders, sign_in

SCHEME = """id = "closing"
version = "1"
title = { zh = "办结", en = "Closing" }
[small_n]
suppress = 2
rank = 5
[[indicator]]
code = "H9"
weight = 100
method = "goalposts"
zero = 0.2
full = 1.0
target = 0.95
[grades]
cuts = [["A", 70], ["B", 65], ["C", 60], ["D", 0]]
"""


def month_of_orders(month: str, first: int, open_every: int) -> str:
    """Forty orders of a month; of those of u1 every `open_every`th pair is still open (0: none)."""
    lines = orders(40, month=month).splitlines()
    for place, line in enumerate(lines[1:]):
        cells = line.split(",")
        cells[0] = f"HC{first + place:05d}"
        if open_every and place % 2 == 0 and place // 2 % open_every == 0:
            cells[3], cells[4] = "", "办理中"
        lines[place + 1] = ",".join(cells)
    return "\n".join(lines) + "\n"


def build_two_months(folder: Path, template: Path) -> Flask:
    """Two published months under one scheme: u1 closes half of its cases in November and all of them in December."""
    app = open_office(folder, template)
    instance = instance_of(app)
    confirmed(sign_in(app, Role.ASSESSOR), month_of_orders("2024-11", 0, 2), name="11月.csv")
    confirmed(sign_in(app, Role.ASSESSOR), month_of_orders("2024-12", 100, 0), name="12月.csv")
    folder = instance.folder / "schemes"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "closing@1.toml").write_text(SCHEME, "utf-8")
    for month in ("2024-11", "2024-12"):
        number = assessing.make_draft(instance, scheme_id="closing", period=month, by="assessor", draws=200).number
        for state in ("review", "appeal", "final", "published"):
            assessing.advance(instance, number, state)
    with instance.session() as session:
        session.add(
            Finding(detector="D17", period="2024-11", unit_code="u1", document={}, state="confirmed", made_at=now())
        )
    return app
