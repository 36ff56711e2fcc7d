"""The text pass on replies written for these tests."""

from __future__ import annotations

from datetime import date

import pytest

from integrity.texts.reply import core, reply_facts

SUBSTANTIAL = (
    "尊敬的网友：您好！经市住房和城乡建设局现场核实，和平路三号院电梯已于2024年3月5日修复，依据《特种设备安全法》第三十三条，"
    "已责成物业于10日内完成全面检修。联系电话：0312-1234567。感谢您对我们工作的支持！2024年3月8日"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("您好！感谢您的来信。", ""),
        ("网友您好：路灯已修好。", "路灯已修好。"),
        ("路灯已修好。2024年3月8日", "路灯已修好。"),
        ("路 灯\n已修好", "路灯已修好"),
    ],
)
def test_core(text: str, expected: str) -> None:
    assert core(text) == expected


def test_reply_facts_substantial() -> None:
    facts = reply_facts(SUBSTANTIAL)
    assert facts.elements == 6
    assert not facts.is_perfunctory
    assert facts.signed_on == date(2024, 3, 8)


@pytest.mark.parametrize(
    ("text", "perfunctory", "forwarding", "refusal"),
    [
        ("您反映的问题已转相关部门，请耐心等待。", True, True, False),
        ("您的留言收悉，我们高度重视，正在积极研究推进。", True, False, False),
        ("您反映的事项不属于我局职责，建议您向市医保局咨询。", False, False, True),
        ("已于3月5日转交物业更换灯泡，现已亮灯。", False, False, False),
    ],
)
def test_reply_facts_kinds(text: str, perfunctory: bool, forwarding: bool, refusal: bool) -> None:
    facts = reply_facts(text)
    assert (facts.is_perfunctory, facts.is_forwarding, facts.is_refusal) == (perfunctory, forwarding, refusal)


@pytest.mark.parametrize(
    ("text", "replied_on", "promised"),
    [
        ("将于2024年6月完成改造。", None, date(2024, 6, 30)),
        ("预计12月完工。", date(2024, 3, 1), date(2024, 12, 31)),
        ("预计2月完工。", date(2024, 11, 1), date(2025, 2, 28)),
        ("争取于5月20日前通水。", date(2024, 3, 1), date(2024, 5, 20)),
        ("将于13月完工。", date(2024, 3, 1), None),
        ("将尽快完工。", date(2024, 3, 1), None),
    ],
)
def test_reply_facts_promise(text: str, replied_on: date | None, promised: date | None) -> None:
    assert reply_facts(text, replied_on).promised_for == promised
