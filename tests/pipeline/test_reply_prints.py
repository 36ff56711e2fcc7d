"""Keys of near-equal replies: made when a file is accepted, counted over files, and a reason where they are missing."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipeline.numbers import reply_prints
from pipeline.numbers.counting import metric_values
from pipeline.numbers.reply_prints import prints_path
from records.instance import Instance
from records.parts import accepted_parts
from records.vocabulary import Kind
from tests.pipeline.test_table_counts import take_in

HEAD = "工单编号,承办单位,来电时间,办结时间,回复内容\n"
REPLY = (
    "您好，经现场核实，您反映的{}问题属实，已责成物业公司于{}日内更换部件，并安排专人跟进，完成后再向您反馈，请予监督。"
)
OTHER = "关于公交线路调整一事，交通部门正在征求沿线居民意见，方案确定以后会在网站公布，请您继续关注。"


def test_near_equal_replies_of_two_files_are_counted_and_strangers_are_not(tmp_path: Path) -> None:
    instance = Instance.open(tmp_path / "instance")
    texts = [REPLY.format("电梯", "三"), REPLY.format("电梯", "五"), OTHER]
    rows = [f"{i},甲局,2024-03-0{i} 09:00,2024-03-1{i} 09:00,{text}" for i, text in enumerate(texts, start=1)]
    take_in(instance, HEAD + "\n".join(rows) + "\n", Kind.RESPONSES, exported_at="2024-04-01 08:00")
    near = {row.unit: row for row in metric_values(instance, period="2024", codes=["Q2.near"]).rows}
    assert (near[None].numerator or 0) == 0  # two are no template yet
    one = f"9,甲局,2024-03-09 09:00,2024-03-10 09:00,{REPLY.format('路灯', '三')}\n"
    take_in(instance, HEAD + one, Kind.RESPONSES, exported_at="2024-04-02 08:00")
    pooled = next(row for row in metric_values(instance, period="2024").rows
                  if row.metric == "Q2.near" and row.total == "pooled")  # fmt: skip
    assert (pooled.numerator, pooled.denominator) == (3, 4)
    exact = next(row for row in metric_values(instance, period="2024", codes=["Q2"]).rows if row.total == "pooled")
    assert (exact.numerator, exact.denominator) == (0, 4)
    with instance.session() as session:
        prints_path(instance, accepted_parts(session, Kind.RESPONSES)[0]).unlink()
    gone = [row for row in metric_values(instance, period="2024").rows if row.metric == "Q2.near"]
    assert {row.reason for row in gone if row.total == "pooled"} == {"replies_not_read"}
    named = metric_values(instance, period="2024", codes=["Q2.near"]).rows  # asked for by name they are made again
    assert next(row for row in named if row.total == "pooled").numerator == 3
    instance.close()


def test_keys_are_the_same_however_many_slices_they_are_made_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = Instance.open(tmp_path / "instance")
    rows = [f"{i},甲局,2024-03-01 09:00,2024-03-11 09:00,{REPLY.format(i, '三')}" for i in range(30)]
    take_in(instance, HEAD + "\n".join(rows) + "\n", Kind.RESPONSES, exported_at="2024-04-01 08:00")
    with instance.session() as session:
        part = accepted_parts(session, Kind.RESPONSES)[0]
    found = []
    for at_once in (reply_prints.ROWS_AT_ONCE, 7):
        prints_path(instance, part).unlink()
        monkeypatch.setattr(reply_prints, "ROWS_AT_ONCE", at_once)
        found.append(duckdb.sql(f"SELECT * FROM '{reply_prints.made_prints(instance, part)}'").fetchall())
    assert len(found[0]) == 30
    assert found[0] == found[1]
    assert not list(instance.staging_folder.glob("prints-*"))
    instance.close()
