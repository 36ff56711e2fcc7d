"""What a person decides on the check page of an upload: columns, units, values, scales, a name for all of it."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from imports.options import ImportOptions
from pipeline.house import jobs
from pipeline.importing import uploads
from records.models import UnitAlias
from records.vocabulary import Kind, Role
from tests.imports.small_files import workbook
from tests.web.office import (
    HEADER,
    UNITS,
    confirmed,
    instance_of,
    orders,
    sign_in,
    stored_rows,
    upload,
)

OTHER_HEADER = ("编号甲", *HEADER[1:])
CHOSEN = re.compile(r'<select name="(field-\w+)".*?</select>', re.DOTALL)


def as_shown(page: str) -> dict[str, str]:
    """The fields of the mapping table as a browser would send them, untouched."""
    found = {}
    for select_element in CHOSEN.finditer(page):
        chosen = re.search(r'<option value="(\w*)" selected>', select_element.group())
        found[select_element.group(1)] = chosen.group(1) if chosen else ""
    return found


def test_upload_decisions_guess_is_taken_with_one_click(client: FlaskClient) -> None:
    check = upload(client, orders(4, header=OTHER_HEADER)).headers["Location"]
    page = client.get(check).text
    assert "列名近似，请确认" in page
    assert "尚未采用" in page
    shown = as_shown(page)
    assert shown["field-A"] == "case_no"
    client.post(check, data=shown)
    assert "查看差别并确认" in client.get(check).text


def test_upload_decisions_guess_can_be_refused(client: FlaskClient) -> None:
    check = upload(client, orders(4, header=OTHER_HEADER)).headers["Location"]
    client.post(check, data={**as_shown(client.get(check).text), "field-A": ""})
    page = client.get(check).text
    assert "列名近似，请确认" not in page
    assert "必填字段 2／3 已对应" in page


def test_upload_decisions_kept_layout_leads_straight_to_the_confirmation(client: FlaskClient) -> None:
    check = upload(client, orders(4, header=OTHER_HEADER)).headers["Location"]
    client.post(check, data=as_shown(client.get(check).text))
    refused = client.post(check.replace("/check", "/layout"), data={"layout_name": "a/b"}, follow_redirects=True)
    assert "模板名只能用" in refused.text
    told = client.post(check.replace("/check", "/layout"), data={"layout_name": "热线平台"}, follow_redirects=True)
    assert "已保存模板“热线平台”" in told.text
    again = upload(client, orders(6, header=OTHER_HEADER, month="2025-01"), "一月.csv").headers["Location"]
    answer = client.get(f"{again}?then=confirm")
    assert answer.headers["Location"] == again.replace("/check", "/confirm")
    assert "热线平台（按表头自动识别）" in client.get(answer.headers["Location"]).text
    page = client.get(again).text  # a person may still look at it
    assert "热线平台（按表头自动识别）" in page
    assert "已保存的模板" in page
    assert '<option value="热线平台">' in client.get("/uploads").text


def test_upload_decisions_kept_layout_has_its_page(client: FlaskClient) -> None:
    check = upload(client, orders(4, header=OTHER_HEADER)).headers["Location"]
    client.post(check, data=as_shown(client.get(check).text))
    client.post(check.replace("/check", "/layout"), data={"layout_name": "热线平台"})
    assert "/layouts/热线平台" in unquote(client.get("/layouts").text)
    page = client.get("/layouts/热线平台")
    assert (page.status_code, OTHER_HEADER[0] in page.text) == (200, True)


def test_upload_decisions_file_of_a_changed_layout_is_prefilled_and_looked_at(client: FlaskClient) -> None:
    check = upload(client, orders(4, header=OTHER_HEADER)).headers["Location"]
    client.post(check, data=as_shown(client.get(check).text))
    client.post(check.replace("/check", "/layout"), data={"layout_name": "热线平台"})
    changed = (*OTHER_HEADER[:-1], "新列")
    again = upload(client, orders(4, header=changed, month="2025-01"), "改版.csv").headers["Location"]
    page = client.get(f"{again}?then=confirm").text
    assert f"表头与已保存的模板“热线平台”不完全相同（缺少的列：{OTHER_HEADER[-1]}；多出的列：新列）" in page
    assert "热线平台（按相近的表头识别）" in page
    assert "必填字段 3／3 已对应" in page
    client.post(again.replace("/check", "/layout"), data={"layout_name": "热线平台"})
    third = upload(client, orders(4, header=changed, month="2025-02"), "再来.csv").headers["Location"]
    assert client.get(f"{third}?then=confirm").status_code == 303, "the saved layout is now the changed one"


def test_upload_decisions_english_names_columns_and_sections_as_the_page_does(client: FlaskClient) -> None:
    client.get("/uploads?lang=en")
    rows = ["Case number,Unit,Received at,State,Rating", *(f"E{n},市教育局,2024-12-05,halted,{n}" for n in (1, 2))]
    page = client.get(upload(client, "\n".join(rows)).headers["Location"]).text
    for section in ("Direction of the scale", "Meaning of values"):
        assert f"“{section}”" in page
        assert re.search(f"<h3[^>]*>{section}</h3>", page)
    assert re.search(r"<td[^>]*>recommended</td>", page)


def test_upload_decisions_another_sheet_is_chosen_from_a_list(client: FlaskClient, tmp_path: Path) -> None:
    lines = [line.split(",") for line in orders(4).splitlines()]
    path = workbook(tmp_path / "f.xlsx", lines[:2], {"明细": lines})
    data = {"file": (path.open("rb"), "f.xlsx"), "kind": "responses"}
    check = client.post("/uploads", data=data).headers["Location"].partition("?")[0]
    page = client.get(check).text
    assert '<option value="数据">数据（2 行）</option>' in page
    assert '<option value="明细">明细（5 行）</option>' in page
    client.post(check, data={**as_shown(page), "sheet": "明细"})
    page = client.get(check).text
    assert '<option value="明细" selected>' in page
    assert "共读取 4 行" in page


def test_upload_decisions_warning_holds_the_file_on_the_check_page(client: FlaskClient) -> None:
    check = upload(client, orders(4)).headers["Location"]
    client.post(check.replace("/check", "/layout"), data={"layout_name": "热线"})
    twice = orders(4) + orders(1).splitlines()[1] + "\n"
    again = upload(client, twice, "重复.csv").headers["Location"]
    assert client.get(f"{again}?then=confirm").status_code == 200


def test_upload_decisions_unit_name_becomes_an_audited_alias(office: Flask, client: FlaskClient) -> None:
    text = orders(2) + "HC9,教委,2024-12-05,,办理中,x,\nHC10,市教育居,2024-12-05,,办理中,x,\n"
    check = upload(client, text).headers["Location"]
    page = client.get(check).text
    questions = page[page.index('id="h-units"') :]
    assert questions.index("市教育居=u1") < questions.index("全部单位", questions.index("市教育居=u1"))
    assert "教委=u2" in questions  # every unit can be chosen, like it or not
    client.post(check, data={"unit-0": "教委=u1", "unit-1": "市教育居=u1"})
    assert client.post(check.replace("/check", "/confirm")).status_code == 303
    with instance_of(office).session() as session:
        aliases = {row.alias: (row.unit_code, row.made_by) for row in session.scalars(select(UnitAlias))}
    assert aliases == {"教委": ("u1", "assessor"), "市教育居": ("u1", "assessor")}
    assert "教委" in sign_in(office, Role.AUDITOR).get("/audit?action=unit.alias").text
    later = orders(2, month="2025-01") + "HC77,教委,2025-01-05,,办理中,x,\n"
    confirmed(client, later, "一月.csv")


def test_upload_decisions_alias_of_another_unit_is_refused(client: FlaskClient) -> None:
    text = orders(2) + "HC9,教委,2024-12-05,,办理中,x,\n"
    check = upload(client, text).headers["Location"]
    client.post(check, data={"unit-0": "教委=u1"})
    answer = client.post(check, data={"unit-0": "教委=u2"}, follow_redirects=True)
    assert "已经是另一个单位的名称" in answer.text


def test_upload_decisions_ten_levels_and_a_number_that_is_no_rating(office: Flask, client: FlaskClient) -> None:
    rows = [("A1", "10"), ("A2", "99"), ("A3", "1")]
    text = "工单编号,承办单位,来电时间,满意度\n" + "".join(f"{n},市教育局,2024-12-05,{mark}\n" for n, mark in rows)
    check = upload(client, text).headers["Location"]
    client.post(check, data={"scale-rating": "1=best of 10"})
    page = client.get(check).text
    assert "rating:99=" in page
    assert "不是评价" in page
    client.post(check, data={"value-0": "rating:99="})
    assert client.post(check.replace("/check", "/confirm")).status_code == 303


def test_upload_decisions_units_words_and_directions_are_asked_at_once(office: Flask, client: FlaskClient) -> None:
    """One round of questions: no list of rows to correct is offered while a column waits for an answer."""
    text = "工单编号,承办单位,来电时间,满意度,工单状态\nA1,市教育局,2024-12-05,5,搁着\nA2,教育口,2024-12-05,1,已办结\n"
    check = upload(client, text).headers["Location"]
    page = client.get(check).text
    assert all(text in page for text in ('name="scale-rating"', 'value="state:搁着=suspended"', 'value="教育口=u1"'))
    assert "下载错误清单" not in page
    client.post(check, data={"scale-rating": "1=best", "value-0": "state:搁着=suspended", "unit-0": "教育口=u1"})
    batch = client.get(client.post(check.replace("/check", "/confirm")).headers["Location"]).text
    told = batch[batch.index('id="h-decided"') :]
    assert all(f"<td>{cell}</td>" in told for cell in ("1 最好，5 最差", "搁着", "挂账"))
    assert "答复记录（通用）" in batch[: batch.index('id="h-map"')]


def test_upload_decisions_a_wrong_answer_is_seen_and_changed(client: FlaskClient) -> None:
    text = (
        "工单编号,承办单位,来电时间,满意度,工单状态\nA1,市教育局,2024-12-05,5,搁着\nA2,市教育局,2024-12-05,1,已办结\n"
    )
    check = upload(client, text).headers["Location"]
    client.post(check, data={"scale-rating": "1=best", "value-0": "state:搁着=closed"})
    page = client.get(check).text
    assert '<option value="state:搁着=closed" selected>' in page
    assert '<option value="1=best of 5" selected>' in page
    client.post(check, data={"scale-rating": "5=best", "value-0": "state:搁着=suspended"})
    page = client.get(check).text
    assert '<option value="state:搁着=suspended" selected>' in page
    assert '<option value="5=best" selected>' in page
    assert page.count(" selected>挂账") == 1
    batch = client.get(client.post(check.replace("/check", "/confirm")).headers["Location"]).text
    told = batch[batch.index('id="h-decided"') :]
    assert "<td>挂账</td>" in told
    assert "<td>5 最好，1 最差</td>" in told


def test_upload_decisions_times_are_those_of_the_office(client: FlaskClient) -> None:
    page = client.get(upload(client, orders(3, month="2024-11")).headers["Location"]).text
    shown = dt.datetime.strptime(re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d", page).group(), "%Y-%m-%d %H:%M")
    here = dt.datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
    assert abs(here - shown) < dt.timedelta(hours=1)


def test_upload_decisions_second_click_queues_no_second_job(
    office: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = upload(client, orders()).headers["Location"]
    monkeypatch.setattr(uploads, "INLINE_BYTES", 0)
    running = {client.post(check.replace("/check", "/confirm")).headers["Location"] for _ in range(2)}
    assert len(running) == 1
    assert jobs.count_open(instance_of(office)) == {"queued": 1, "running": 0}


def test_case_099_first_places_are_shown_and_every_refused_row_is_in_the_download(client: FlaskClient) -> None:
    lines = [f"HC{n:05d},{UNITS[n % 2][1]},{'不详' if n % 4 == 0 else '2024-12-05'}" for n in range(2_000)]
    check = upload(client, "\n".join(["工单编号,承办单位,来电时间", *lines]) + "\n").headers["Location"]
    page = client.get(check).text
    problems, faults = page[page.index('id="problems"') : page.index('id="faults"')], page[page.index('id="faults"') :]
    assert '<td role="cell" class="num" data-u="处">500</td>' in problems
    places = re.findall(r'rowheader">(C\d+)</th>', faults[: faults.index("</table>")])
    assert places == [f"C{2 + 4 * n}" for n in range(50)]
    with client.get(check.replace("/check", "/errors.xlsx")) as download:
        book = load_workbook(io.BytesIO(download.data))
    header, *rows = book.worksheets[0].iter_rows(values_only=True)
    assert len(rows) == 500
    assert all("不详" in row[header.index("请修改")] for row in rows)


def test_case_106_same_file_leads_to_its_first_batch(client: FlaskClient) -> None:
    first = confirmed(client, orders(5))
    check = upload(client, orders(5), "又一次.csv").headers["Location"]
    page = client.get(check).text
    assert f'href="/batches/{first}"' in page
    assert "查看差别并确认" not in page
    assert "已在库中，不用再导入" in page
    assert "改正上面的错误" not in page
    assert client.post(check.replace("/check", "/confirm")).status_code == 409


def test_case_106_known_numbers_of_another_file_are_listed(client: FlaskClient) -> None:
    confirmed(client, orders(5))
    check = upload(client, orders(8), "更多.csv").headers["Location"]
    page = client.get(check.replace("/check", "/confirm")).text
    known = page[page.index('id="known"') :]
    assert re.findall(r"HC\d{5}", known[: known.index("</section>")]) == [f"HC{n:05d}" for n in range(5)]


def test_case_108_large_file_shows_50_rows_and_counts_of_all(office: Flask, client: FlaskClient) -> None:
    lines = [f"HC{n:06d},{UNITS[n % 2][1]},2024-12-{1 + n % 28:02d}" for n in range(53_000)]
    text = "\n".join(["工单编号,承办单位,来电时间", *lines]) + "\n"
    made = uploads.store(
        instance_of(office), stream=io.BytesIO(text.encode()), name="a.csv", kind=Kind.RESPONSES,
        options=ImportOptions(), by="assessor",
    )  # fmt: skip
    uploads.check(instance_of(office), made.id)
    check = f"/uploads/{made.id}/check"
    assert "共读取 53,000 行" in client.get(check).text
    page = client.get(check.replace("/check", "/rows")).text
    assert "全文件共读取 53,000 行，可入库 53,000 行" in page
    assert re.findall(r"HC\d{6}", page) == [f"HC{n:06d}" for n in range(50)]
    assert "市水务局" in page
    assert stored_rows(office) == 0


def test_upload_rows_of_a_refused_file_say_so(client: FlaskClient) -> None:
    check = upload(client, orders(2) + "HC9,市教育局,2024-13-05,,办理中,x,\n").headers["Location"]
    assert "还没有可以入库的行" in client.get(check.replace("/check", "/rows")).text


def test_upload_rows_hold_no_personal_data_and_no_tokens(client: FlaskClient) -> None:
    check = upload(client, orders(3)).headers["Location"]
    page = client.get(check.replace("/check", "/rows")).text
    assert "138****8000" in page
    assert "13900139000" not in page
    assert not re.search(r"\b[0-9a-f]{32}\b", page[page.index('id="rows"') :])
