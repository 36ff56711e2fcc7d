"""Pages for the organization department: teams, years, posts, ceilings, objections, and tables of other appraisals."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from urllib.parse import quote

import pytest
from flask import Flask
from openpyxl import load_workbook

from pipeline.judgement import tenures
from pipeline.views import shown
from pipeline.views.prepared import Prepared
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.vocabulary import Role
from tests.web.office import instance_of, sign_in

BOOK = """id = "own"
title = { zh = "两项考核", en = "Two appraisals" }
[[table]]
id = "performance"
title = { zh = "绩效", en = "Performance" }
points = 8
[[table]]
id = "development"
title = { zh = "发展", en = "Development" }
[[row]]
table = "performance"
title = { zh = "综合", en = "Whole" }
scheme = "closing"
take = "score"
points = 8
[[row]]
table = "development"
title = { zh = "留言", en = "Messages" }
scheme = "message_board"
take = "score"
points = 5
"""


def test_teams_stand_in_bands_with_change_and_the_ceiling_is_only_counted(two_months: Flask) -> None:
    org = sign_in(two_months, Role.ORG_DEPT)
    page = org.get("/leadership?assessment=2&share=33").text
    assert "市教育局" in page
    assert "上升，超出偶然" in page
    assert "上限 33.0%，即 0 家" in page
    assert "确定 2 家，临界 0 家" in page
    assert "多出 2 家（仅提示）" in page
    assert org.get("/leadership?assessment=2&share=oops").status_code == 200
    assert sign_in(two_months, Role.UNIT_HEAD).get("/leadership").status_code == 403
    assert "仅提示" not in org.get("/leadership?assessment=2&share=67").text
    years = org.get("/leadership/years?assessment=2").text
    rows = re.findall(r'<tr><th scope="row">市.*?</tr>', years)
    assert [re.findall(r'class="num">(\d)<', row) for row in rows] == [["1", "1"], ["2", "2"]]  # u1, then u2
    assert "没有异议" in org.get("/leadership/objections?assessment=2").text


def test_results_by_post_count_the_whole_months_in_office_only(two_months: Flask) -> None:
    admin, org = sign_in(two_months, Role.ADMIN), sign_in(two_months, Role.ORG_DEPT)
    form = {"unit": "u1", "post": "主要负责人", "from_day": "2024-01-01", "to_day": "2024-11-30"}
    assert admin.post("/directory/posts", data=form).status_code == 303
    overlap = admin.post("/directory/posts", data={**form, "from_day": "2024-11-30", "to_day": ""})
    assert (overlap.status_code, "已有任期" in overlap.text) == (400, True)
    named = admin.post("/directory/posts", data={**form, "post": "负责人13800138000"})
    assert (named.status_code, "只写职务" in named.text) == (400, True)
    assert admin.post("/directory/posts", data={**form, "from_day": "2024-12-02", "to_day": ""}).status_code == 303
    assert org.post("/directory/posts", data=form).status_code == 403
    november = org.get("/leadership/posts?assessment=1").text
    assert "在任整月 1 个" in november
    assert "50.0%" in november
    assert "交接月不计：2024-12" in org.get("/leadership/posts?assessment=2").text
    assert "得分" not in november[november.index("<main") :]  # no score for a post


def test_tables_of_other_appraisals_are_filled_and_faults_told_at_once(two_months: Flask) -> None:
    assessor, org = sign_in(two_months, Role.ASSESSOR), sign_in(two_months, Role.ORG_DEPT)
    wrong = BOOK.replace("points = 8\n[[table]]", "points = 9\n[[table]]").replace("message_board", "messages")
    sent = {"file": (io.BytesIO(wrong.encode()), "own.toml")}
    refused = assessor.post("/appraisals", data=sent, content_type="multipart/form-data")
    assert refused.status_code == 400
    assert "文件有 2 处须改正" in refused.text
    assert "第 6 行" in refused.text
    assert org.get("/appraisals/own").status_code == 404
    sent = {"file": (io.BytesIO(BOOK.encode()), "own.toml")}
    assert org.post("/appraisals", data=sent, content_type="multipart/form-data").status_code == 403
    sent = {"file": (io.BytesIO(BOOK.encode()), "own.toml")}
    assert assessor.post("/appraisals", data=sent, content_type="multipart/form-data").status_code == 303
    page = org.get("/appraisals/own?period=2024-12").text
    assert "8.00" in page
    assert "本期没有公布的结果" in page
    download = org.get("/appraisals/own/2024-12.xlsx")
    assert quote("_2024年12月.xlsx") in download.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(download.data))
    assert book.sheetnames == ["1 绩效", "2 发展"]
    rows = {row[0]: row for row in book["1 绩效"].iter_rows(min_row=4, values_only=True)}
    assert rows["u1"][2:4] == (8, 8)
    assert [cell for cell in next(iter(book["2 发展"].iter_rows(min_row=4, values_only=True)))[2:4]] == ["—", "—"]
    text = org.get("/appraisals/own/2024-12.csv?lang=en").data.decode("utf-8-sig")
    assert "nothing published" in text
    assert org.get("/appraisals/own/1999.csv").status_code == 404


@pytest.fixture
def clerk() -> Viewer:
    return Viewer(1, "x", Role.ADMIN)


def test_a_post_is_kept_without_a_second_holder_at_a_time(two_months: Flask, clerk: Viewer) -> None:
    instance: Instance = instance_of(two_months)
    first = tenures.add(instance, clerk, unit="u3", post="分管负责人", from_day=date(2024, 1, 1))
    with pytest.raises(tenures.TenureRefused, match="held by somebody else"):
        tenures.add(instance, clerk, unit="u3", post="分管负责人", from_day=date(2024, 5, 1))
    tenures.end(instance, clerk, first, to_day=date(2024, 4, 30))
    second = tenures.add(instance, clerk, unit="u3", post="分管负责人", from_day=date(2024, 5, 1))
    with pytest.raises(tenures.TenureRefused, match="before the first"):
        tenures.end(instance, clerk, second, to_day=date(2024, 4, 1))
    tenures.remove(instance, clerk, second)
    assert [term.to_day for term in tenures.terms(instance, OPERATOR) if term.unit == "u3"] == [date(2024, 4, 30)]


def test_the_trace_says_how_sure_score_grade_and_place_are(two_months: Flask) -> None:
    assessor = sign_in(two_months, Role.ASSESSOR)
    page = assessor.get("/assessments/1/u1").text
    start = page.index("把握有多大")
    sure = page[start:]
    assert "随机种子" in sure
    assert "收缩后得分（比较用）" in sure
    assert "各等次的可能性" in sure
    assert "同类名次的 90% 区间" in sure
    assert "全组联合 90%" in sure
    assert "前 30%" in sure
    assert "有数据的同类不足 15 家，不估计" in sure
    shares = [float(share) for share in re.findall(r" (\d+\.\d)%", sure[sure.index("各等次") : sure.index("同类名次")])]
    assert len(shares) == 4
    assert sum(shares) == pytest.approx(100, abs=0.2)
    unscored = assessor.get("/assessments/1/u3").text
    assert "得分 —" in unscored
    assert "—／—" not in unscored
    assert "把握有多大" not in unscored


def test_robustness_names_units_and_says_its_seed(two_months: Flask) -> None:
    page = sign_in(two_months, Role.ORG_DEPT).get("/fairness/1").text
    robust = page[page.index("方案的选择对名次的影响") :]
    assert "随机种子" in robust
    assert "市水务局" in robust
    assert ">u2<" not in robust


def test_a_mix_of_its_own_is_not_compared_after_adjustment(two_months: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared, page = shown.prepared, sign_in(two_months, Role.ORG_DEPT)

    def with_mix(*asked: object, **how: object) -> Prepared:
        found = prepared(*asked, **how)
        rows = [
            {
                "unit": u.unit,
                "metric": "H9",
                "value": u.indicator("H9").value,
                "overlap": 0.49 if u.unit == "u1" else 0.5,
            }
            for u in found.source.assessment.units
            if u.indicator("H9").value is not None
        ]
        assert len(rows) >= 2
        return replace(found, source=replace(found.source, adjusted=rows))

    def cells_of(unit: str) -> list[str]:
        row = text[text.rindex("<tr", 0, text.index(f'/assessments/1/{unit}"')) :]
        return [
            re.sub("<.*?>", "", cell).strip() for cell in re.findall("<td.*?</td>", row[: row.index("</tr>")], re.S)
        ]

    monkeypatch.setattr(shown, "prepared", with_mix)
    text = page.get("/fairness/1?lang=zh").text
    assert "不到 50%" in text
    (raw, _, alone, place, *_), told = cells_of("u1"), cells_of("u1")[-1]
    assert raw != "—"
    assert (alone, place) == ("—", "—")
    assert "诉求结构特殊" in told
    assert cells_of("u2")[2] != "—"
    assert "诉求结构特殊" not in cells_of("u2")[-1]


def test_the_waterfall_is_drawn_for_desks_and_again_for_phones(two_months: Flask) -> None:
    page = sign_in(two_months, Role.ORG_DEPT).get("/assessments/1/u1").text
    widths = re.findall(r'chart-static ([a-z ]+)"><svg[^>]*viewBox="0 0 (\d+) ', page)
    assert widths == [("wide print", "960"), ("phone", "360")]


def test_the_way_to_the_next_grade_lists_moves_only_where_one_is_enough(two_months: Flask) -> None:
    page = sign_in(two_months, Role.ORG_DEPT).get("/assessments/1/u1?lang=zh").text
    way = page[page.index("距上一等次") : page.index("从数值到得分")]
    alone, none = "下列任何一项单独达到即可" in way, "单独补足" in way
    assert alone != none
    assert alone == ("<li>" in way)
