"""The annual report says what the assessment says: every chapter, every unit, every figure."""

import re
from dataclasses import replace

import pytest

from evaluation.uncertainty.ranges import SHOWN_AS_RANGE
from reports import annual, numbers
from reports.annual import annexes, backlog, robustness
from reports.annual.facts import Facts
from reports.annual.unit_pages import MOST_ON_PAGE, indicator_table
from reports.blocks import Figure, Heading, Note, Paragraph, Table
from reports.charts.svg import render
from tests.reports.factory import EMPTY_UNIT, SMALL_UNIT, make_source


def headings(document, level):
    return [b.text for b in document.body if isinstance(b, Heading) and b.level == level]


def texts(document):
    return [b.text for b in (*document.front, *document.body) if isinstance(b, Heading | Paragraph | Note)]


def test_annual_holds_all_chapters_in_order(document):
    found = [text.split("：")[0] for text in headings(document, 1)]
    wanted = [
        "一、评估背景与依据",
        "二、评估对象、范围与时段",
        "三、指标体系与计算口径",
        "四、总体结果",
        "五、分项结果",
        "六、分单位评价",
        "七、数据可信性核查",
        "八、典型案例",
        "九、主要问题与成因",
        "十、对策建议与整改清单",
        "十一、结果运用建议",
        "十二、其他说明",
    ]
    assert found[:12] == wanted
    assert [text[:3] for text in found[12:]] == [f"附件{n}" for n in range(1, 9)]


def test_annual_names_median_score_of_the_assessment(document, source):
    scores = sorted(u.score for u in source.assessment.units if u.score is not None)
    middle = (scores[13] + scores[14]) / 2
    assert len(scores) == 28
    assert any(f"得分中位数为{numbers.score(middle)}分" in text for text in texts(document))


def test_annual_every_unit_has_its_page_with_its_score(document, source):
    found = headings(document, 3)
    names = {u.code: u.name for u in source.units}
    assert len(found) == 30
    for unit in source.assessment.units:
        line = next(text for text in found if names[unit.unit] in text)
        assert (numbers.score(unit.score) + "分" in line) if unit.score is not None else "不予评分" in line


def test_annual_unit_tables_equal_the_trace(document, source):
    tables = {b.fact: b for b in document.body if isinstance(b, Table) and b.fact.startswith("unit.")}
    for unit in source.assessment.units:
        rows = tables[f"unit.{unit.unit}"].rows
        heaviest = sorted(unit.indicators, key=lambda i: -i.weight)[:MOST_ON_PAGE]
        shown = [i for i in unit.indicators if i in heaviest]
        assert len(rows) == len(shown) == MOST_ON_PAGE < len(unit.indicators)
        for row, result in zip(rows, shown, strict=True):
            printed = (numbers.rate(result.value), numbers.score(result.points), numbers.score(result.contribution))
            assert (row[2], row[5], row[7]) == printed


def test_annual_missing_values_are_dashes_with_reason(document):
    table = next(b for b in document.body if isinstance(b, Table) and b.fact == f"unit.{EMPTY_UNIT}")
    assert {row[2] for row in table.rows} == {"—"}
    assert {row[5] for row in table.rows} == {"—"}
    assert {row[8] for row in table.rows} == {"无件"}


def test_annual_small_unit_has_no_score_and_says_why(document, source):
    name = next(u.name for u in source.units if u.code == SMALL_UNIT)
    assert any(name in text and "样本不足" in text for text in headings(document, 3))


def test_annual_annex_holds_all_units(document, source):
    for fact in ("annex.scores", "annex.counts"):
        rows = [row for b in document.body if isinstance(b, Table) and b.fact == fact for row in b.rows]
        assert {u.name for u in source.units} <= {row[0] for row in rows}


def test_annual_default_has_bands_and_no_rank_column(document):
    heads = [b.head for b in document.body if isinstance(b, Table)]
    assert not any("名次" in head for head in heads)


def test_annual_ranks_appear_only_when_the_scheme_publishes_them(source):
    grades = {**source.scheme["grades"], "ranks": True}
    found = annual.document(replace(source, scheme={**source.scheme, "grades": grades}))
    table = next(b for b in found.body if isinstance(b, Table) and b.fact == "results.group.street")
    assert table.head[:2] == ("名次", "名次区间")
    assert [row[0] for row in table.rows][:3] == ["1", "2", "3"]


def test_annual_figures_all_render(document):
    found = [b for b in document.body if isinstance(b, Figure)]
    assert len(found) > 30
    assert all(render(b.figure, b.width, b.height, b.alt).startswith("<svg") for b in found)


def test_annual_paragraphs_with_numbers_carry_facts(document):
    tables = [b for b in document.body if isinstance(b, Figure)]
    assert all(b.fact for b in tables)
    bare = [b.text for b in document.body if isinstance(b, Paragraph) and not b.fact and re.search(r"\d\.\d", b.text)]
    assert bare == []


def test_annual_without_targets_compares_with_peers(source):
    scheme = {
        **source.scheme,
        "indicator": [{k: v for k, v in i.items() if k != "target"} for i in source.scheme["indicator"]],
    }
    units = [replace(u, indicators=[replace(i, target=None) for i in u.indicators]) for u in source.assessment.units]
    changed = replace(source, scheme=scheme, assessment=replace(source.assessment, units=units))
    sentences = "".join(texts(annual.document(changed)))
    assert "同类中位数" in sentences
    assert "低于目标" not in sentences
    assert "60分" in sentences


def test_annual_counts_a_score_told_as_a_range_as_a_score_and_says_what_is_left_out(source):
    chosen = next(unit for unit in source.assessment.units if unit.score is not None)
    code = next(row.code for row in chosen.indicators if Facts(source).label(row.code).unit == "rate")

    def told(row):
        gone = dict.fromkeys(("value", "points", "contribution", "numerator", "denominator", "comparison"))
        return replace(row, low=0.8, high=0.9, reason=SHOWN_AS_RANGE, **gone) if row.code == code else row

    rows = [told(row) for row in chosen.indicators]
    ranged = replace(chosen, score=None, low=81.0, high=84.0, reason=SHOWN_AS_RANGE, indicators=rows)
    units = [ranged if unit is chosen else unit for unit in source.assessment.units]
    changed = replace(source, assessment=replace(source.assessment, units=units))
    facts, before = Facts(changed), Facts(source)
    assert (len(facts.scored), len(facts.unscored)) == (len(before.scored), len(before.unscored))
    assert before.ranges == ""
    assert "1家单位的得分、1项指标" in facts.ranges
    found = texts(annual.document(changed))
    assert facts.ranges in found
    page = [text for text in found if "81.00—84.00" in text]
    assert any("综合得分在81.00—84.00之间" in text for text in page)
    assert not any("不予评分" in text and "81.00" in text for text in found)
    line = next(row for row in indicator_table(facts, ranged).rows if row[0] == facts.label(code).name)
    assert (line[2], line[3]) == ("80.0—90.0", "—")


def test_annual_what_is_withheld_is_never_told_as_absent_or_as_all(source):
    code = source.scheme["indicator"][0]["code"]

    def told(row):
        return replace(row, value=None, points=None, low=0.8, high=0.9, reason=SHOWN_AS_RANGE)

    units = [
        replace(unit, indicators=[told(row) if row.code == code else row for row in unit.indicators])
        for unit in source.assessment.units
    ]
    levels = dict(list(source.satisfaction.items())[1:])
    changed = replace(source, assessment=replace(source.assessment, units=units), satisfaction=levels, batches=[])
    facts = Facts(changed)
    assert code not in facts.unmeasured
    found = "".join(texts(annual.document(changed)))
    assert "0批数据" not in found
    assert "满意度数据共" not in found
    assert "满意度数据共" in "".join(texts(annual.document(source)))


def test_annual_empty_source_still_makes_a_document():
    source = make_source(count=1, findings=[], demands=[], exclusions=[], objections=[], batches=[], satisfaction={})
    nothing = replace(source, values=[], monthly=[], assessment=replace(source.assessment, units=[]))
    assert len(headings(annual.document(nothing), 1)) == 20
    assert len(headings(annual.document(source), 1)) == 20


def test_annual_english_has_no_chinese_sentences():
    document = annual.document(make_source(language="en"))
    sentences = [text for text in texts(document) if text.endswith(("。", "；"))]
    assert sentences == []


def test_facts_unmeasured_indicator_leaves_unit_tables(source):
    def without(result):
        return replace(result, value=None, points=None, reason="not_measured") if result.code == "T1" else result

    units = [replace(u, indicators=[without(i) for i in u.indicators]) for u in source.assessment.units]
    facts = Facts(replace(source, assessment=replace(source.assessment, units=units, warnings=["not_measured:T1"])))
    assert facts.unmeasured == ["T1"]
    assert "T1" not in {r.code for r in facts.results(facts.units[0])}
    assert len(facts.warnings) == 1
    assert "数据完整率" in facts.warnings[0]


@pytest.mark.parametrize("state", ["draft", "review", "appeal", "final", "published"])
def test_annual_cover_prints_state_and_code(state):
    imprint = "".join(annual.document(make_source(count=6, state=state)).imprint)
    assert "3AEF-7C18-D139" in imprint
    assert Facts(make_source(count=6)).say(f"state.{state}") in imprint


def test_annual_rectification_list_prints_the_last_day_of_an_opened_task(source):
    table = next(b for b in annual.blocks(source) if isinstance(b, Table) and b.fact == "rectification")
    assert {row[-1] for row in table.rows} == {"待定"}
    names = {unit.code: unit.name for unit in source.units}
    by_name = {name: code for code, name in names.items()}
    labels = {Facts(source).label(i["code"]).name: i["code"] for i in Facts(source).indicators}
    first = table.rows[0]
    task = {"unit": by_name[first[1]], "indicator": labels[first[2]], "due": "2025-06-30", "state": "open"}
    opened = replace(source, rectifications=[task])
    again = next(b for b in annual.blocks(opened) if isinstance(b, Table) and b.fact == "rectification")
    assert [row[-1] for row in again.rows if row[-1] != "待定"] == ["2025-06-30"]
    assert again.rows[0][-1] == "2025-06-30"


def test_annual_cases_received_are_those_counted_not_the_answers_behind_the_score(document, source):
    received = {v.unit: v.value for v in source.values if v.metric == "n_received" and v.group is None}
    [annex] = [b for b in document.body if isinstance(b, Table) and b.fact == "annex.counts"]
    counted = {row[0]: row[1] for row in annex.rows}
    for unit in source.assessment.units:
        [lead] = [b.text for b in document.body if isinstance(b, Paragraph) and b.fact == f"unit.{unit.unit}"][:1]
        assert lead.startswith(f"受理诉求{numbers.count(received[unit.unit])}件")
        assert counted[unit.name] == numbers.count(received[unit.unit])


def test_annual_tells_of_cases_excluded_by_the_files_they_came_in(source):
    told = "".join(texts(annual.document(replace(source, exclusions=[]))))
    [total] = [v.value for v in source.values if (v.unit, v.metric, v.total) == (None, "n_excluded", "pooled")]
    assert total
    assert f"本期共剔除{numbers.count(total)}件，均由数据来源在文件中标明" in told


def test_annual_says_why_a_score_stands_at_an_end_of_its_own_interval(source, document):
    told = "位于自身95%区间的一端"
    assert not any(told in text for text in texts(document))
    chosen = source.assessment.units[2]
    units = [replace(u, high=u.score) if u is chosen else u for u in source.assessment.units]
    changed = annual.document(replace(source, assessment=replace(source.assessment, units=units)))
    [note] = [text for text in texts(changed) if told in text]
    assert note.startswith(f"注：{source.units[2].name}的得分")


def test_annual_says_nothing_of_no_unit_and_the_cause_once():
    found = "".join(texts(annual.document(make_source(count=12))))
    assert re.findall(r"(?<![\d.,])0(?:家单位|条|件|家因)", found) == []
    assert found.count("逐项核实") == 1
    assert "参评率—" not in found
    without = annual.document(replace(make_source(), robustness=[]))
    assert "家单位样本不足或无数据，不评分、不定等次。" in "".join(texts(without))


def test_adjusted_rates_of_a_mix_of_its_own_carry_a_mark() -> None:
    source = make_source(count=6)
    plain = list(robustness.blocks(Facts(source)))
    first = source.adjusted[0]["unit"]
    alone = [{**row, "overlap": 0.49 if row["unit"] == first else 0.5} for row in source.adjusted]
    *_, table, note = robustness.blocks(Facts(replace(source, adjusted=alone)))
    marked = {row[0] for row in table.rows if any(cell.endswith("*") for cell in row)}
    assert marked == {next(unit.name for unit in source.units if unit.code == first)}
    assert "不到50%" in note.text
    assert not any("*" in cell for row in plain[-1].rows for cell in row)


def test_robustness_tells_both_ends_and_how_values_told_as_ranges_were_drawn(source):
    table = next(b for b in robustness.blocks(Facts(source)) if isinstance(b, Table))
    assert {"1.25", "2.10—2.75"} <= {row[2] for row in table.rows}
    facts = Facts(source)
    facts.__dict__["ranges"] = ""
    assert not any("随机取值" in b.text for b in robustness.blocks(facts) if isinstance(b, Note))
    facts.__dict__["ranges"] = "8 家单位只给出范围"
    assert any("随机取值20组" in b.text for b in robustness.blocks(facts) if isinstance(b, Note))


def test_heading_of_robustness_names_no_count_where_nothing_is_listed(source):
    facts = Facts(replace(source, robustness=[]))
    heading = next(b.text for b in annexes.blocks(facts) if isinstance(b, Heading) and "稳健性" in b.text)
    assert "未作" in heading
    assert "0种" not in heading


def test_heading_of_open_cases_says_all_where_all_are_old(source):
    bands = len(next(iter(source.backlog.values())))
    old = {unit: [0] * (bands - 1) + [3] for unit in source.backlog}
    heading = heading_of_backlog(replace(source, backlog=old))
    assert heading == f"未办结诉求：{3 * len(old)}件，都超过30天"
    old[next(iter(old))][0] = 1
    assert f"{3 * len(old) + 1}件，其中{3 * len(old)}件超过30天" in heading_of_backlog(replace(source, backlog=old))


def heading_of_backlog(source):
    return backlog.blocks(Facts(source))[0].text
