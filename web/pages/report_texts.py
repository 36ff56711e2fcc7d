"""Texts of a report: the chapters and units of an assessment, and writing for one of them."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from pipeline.paper import text_editing
from pipeline.paper.text_editing import Place, TextRefused
from records.access import Action
from records.queries import assessments, units
from web.forms.report_texts import TextForm
from web.languages import language
from web.session import for_action, instance, viewer

pages = Blueprint("report_texts", __name__, url_prefix="/reports/texts")
may_write = for_action(Action.ASSESS)
CHAPTER_NAMES = {
    "background": lazy_gettext("评估背景与依据"),
    "scope": lazy_gettext("评估对象、范围与时段"),
    "scheme": lazy_gettext("指标体系与计算口径"),
    "results": lazy_gettext("总体结果"),
    "parts": lazy_gettext("分项结果"),
    "units": lazy_gettext("分单位评价"),
    "integrity": lazy_gettext("数据可信性核查"),
    "cases": lazy_gettext("典型案例"),
    "problems": lazy_gettext("主要问题与成因"),
    "rectification": lazy_gettext("对策建议与整改清单"),
    "use": lazy_gettext("结果运用建议"),
    "limits": lazy_gettext("其他说明"),
}


@pages.get("")
@may_write
def index() -> ResponseReturnValue:
    """The assessments whose texts can be written; the newest one's places."""
    with instance().session() as session:
        found = assessments.list_assessments(session, viewer=viewer())
        directory = {unit.code: unit.name for unit in units.list_units(session, viewer=viewer())}
    number = request.args.get("assessment", type=int) or (found[0].number if found else None)
    places = text_editing.places(instance(), viewer(), number, language(), directory) if number is not None else []
    names = {place.id: _name(place, directory) for place in places}
    return render_template("report_texts/index.html", assessments=found, number=number, places=places, names=names)


@pages.route("/<int:number>/<place>", methods=["GET", "POST"])
@may_write
def write(number: int, place: str) -> ResponseReturnValue:
    with instance().session() as session:
        directory = {unit.code: unit.name for unit in units.list_units(session, viewer=viewer())}
    found = text_editing.places(instance(), viewer(), number, language(), directory)
    here = next((entry for entry in found if entry.id == place), None)
    if here is None:
        abort(404)
    form = TextForm(data={"place": place, "text": here.text})
    status = 200
    if form.validate_on_submit():
        try:
            text_editing.write_text(
                instance(), viewer(), number=number, place=place, language=language(), text=form.text.data
            )
        except TextRefused as error:
            form.text.errors = [_reason(error)]
            status = 400
        else:
            flash(gettext("已保存，下次制作报告时使用。"))
            return redirect(url_for("report_texts.index", assessment=number), 303)
    shown = render_template(
        "report_texts/write.html", form=form, place=here, name=_name(here, directory), number=number
    )
    return shown, status


def _reason(error: TextRefused) -> str:
    if error.why == "unknown":
        return gettext("这份评价里没有 %(names)s 这个数字，请改正花括号里的名称。", names="、".join(error.parts))
    if error.why == "missing":
        return gettext("字体里没有 %(signs)s，印出来会是空框，请换一个字。", signs=" ".join(error.parts))
    return str(error)


def _name(place: Place, directory: dict[str, str]) -> str:
    return directory.get(place.unit, place.unit) if place.unit else str(CHAPTER_NAMES[place.id])
