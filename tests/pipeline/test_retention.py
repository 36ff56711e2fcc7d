"""Retention: texts and tokens leave for good, every number stays, and what is still objected to waits."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from pipeline.house.jobs import Directly
from pipeline.house.retention import anonymise, due, retention_job
from pipeline.house.verification import verify
from pipeline.numbers.counting import metric_values
from records import audit
from records.engine import Engine
from records.instance import Instance
from records.models import Assessment, AuditEntry, Batch
from records.parts import PartError, all_parts, orphans, replace
from records.tables import files_view
from records.vocabulary import TOKENS, WRITTEN_BY_PEOPLE, Kind
from tests.records.conftest import add_batch, case, write_part

LATE = date(2030, 1, 1)


def adopted(instance: Instance, number: str, **values) -> int:
    """A batch of one case."""
    from records.parts import adopt

    batch = add_batch(instance, answer={"columns": [{"header": "标题", "samples": ["路灯坏了"]}]})
    staged = write_part(instance.staging_folder / f"{number}.parquet", [case(number, **values)])
    with instance.session() as session:
        adopt(instance, session, staged, Kind.RESPONSES, batch)
    return batch


def values_of(instance: Instance, column: str) -> set:
    with instance.session() as session:
        parts = [part for part in all_parts(session) if part.kind is Kind.RESPONSES]
    view = {"part": files_view(instance, parts, Kind.RESPONSES)}
    return {value for (value,) in Engine(None).run(f"SELECT DISTINCT {column} FROM part", view)}


@pytest.mark.parametrize("kind", list(WRITTEN_BY_PEOPLE))
def test_every_text_is_gone_and_every_number_is_the_same(demo_copy: Instance, kind: Kind) -> None:
    with demo_copy.session() as session:
        session.execute(update(Assessment).values(state="published"))
    before, found = numbers(demo_copy), due(demo_copy, today=LATE, months=12)
    chosen = [kept.batch for kept in found if kept.kind == kind.value]
    assert chosen
    assert anonymise(demo_copy, chosen, by="test") == len(chosen)
    with demo_copy.session() as session:
        parts = [part for part in all_parts(session) if part.kind is kind]
        assert not orphans(demo_copy, session)
    view = {"part": files_view(demo_copy, parts, kind)}
    left = " OR ".join(f"{name} IS NOT NULL" for name in WRITTEN_BY_PEOPLE[kind])
    assert Engine(None).run(f"SELECT count(*) FROM part WHERE {left}", view) == [(0,)]
    assert numbers(demo_copy) == before
    assert verify(demo_copy).is_ok
    assert not [kept for kept in due(demo_copy, today=LATE, months=12) if kept.kind == kind.value]
    assert anonymise(demo_copy, chosen, by="test") == 0


def numbers(instance: Instance) -> list:
    """Every metric of every unit over all time."""
    rows = metric_values(instance, period="all").rows
    return [(row.unit, row.metric, row.numerator, row.denominator, row.value, row.reason) for row in rows]


def test_tokens_are_others_and_persons_stay_together(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    instance = Instance.open(tmp_path / "instance")
    token = instance.keys.token("person", "13800001234")
    batches = [adopted(instance, n, person_token=token, title="路灯坏了", content="家住三楼") for n in ("1", "2")]
    anonymise(instance, batches, by="test")
    (now,) = values_of(instance, "person_token")
    assert now != token
    assert len(now) == 32
    assert values_of(instance, "content") == values_of(instance, "title") == {None}
    assert values_of(instance, "device_token") == {None}
    with instance.session() as session:
        answers = list(session.scalars(select(Batch.answer)))
        hashes = values_of(instance, "row_hash")
    assert all("路灯" not in str(answer) for answer in answers)
    assert len(hashes) == 2
    instance.close()


def test_what_is_young_or_still_open_to_objection_stays(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    instance = Instance.open(tmp_path / "instance")
    old = adopted(instance, "1", received="2024-05-02 09:00")
    young = adopted(instance, "2", received="2025-05-02 09:00")
    assert [kept.batch for kept in due(instance, today=date(2025, 9, 1), months=12)] == [old]
    assert due(instance, today=LATE) == []  # nothing is set, everything is kept
    assert {kept.batch for kept in due(instance, today=LATE, months=12)} == {old, young}
    assert retention_job(instance, Directly()) == {"batches": 0}
    instance.close()


def test_batch_of_a_running_cycle_waits(demo_copy: Instance) -> None:
    waiting = {kept.waits_for for kept in due(demo_copy, today=LATE, months=1)}
    with demo_copy.session() as session:
        running = set(session.scalars(select(Assessment.number).where(Assessment.state != "published")))
    assert running
    assert waiting & running
    with demo_copy.session() as session:
        session.execute(update(Assessment).values(state="published"))
    assert {kept.waits_for for kept in due(demo_copy, today=LATE, months=1)} == {None}


def test_trail_keeps_both_hashes_and_other_rows_are_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    instance = Instance.open(tmp_path / "instance")
    batch = adopted(instance, "1", title="路灯坏了")
    with instance.session() as session:
        (part,) = all_parts(session)
    two = write_part(instance.staging_folder / "two.parquet", [case("1"), case("2")])
    with pytest.raises(PartError, match="other rows"), instance.session() as session:
        replace(instance, session, two, batch)
    anonymise(instance, [batch], by="test")
    with instance.session() as session:
        (said,) = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "batch.anonymise"))
        (new,) = all_parts(session)
        assert audit.check_chain(session).first_bad is None
    assert (said["earlier_sha256"], said["sha256"]) == (part.sha256, new.sha256)
    assert not (instance.parts_folder / part.path).exists()
    assert TOKENS == ("person_token", "device_token")
    instance.close()
