"""The working calendar as a year to look at, a new year from a file, and the limits that count on it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from metrics.clocks import standard
from pipeline.house import calendar_years, directory, history
from pipeline.house.calendar_years import YearRefused
from records.access import Action, can
from web.forms.calendars import KeepForm, YearForm
from web.session import for_action, instance, viewer
from web.words import codes

pages = Blueprint("calendars", __name__, url_prefix="/calendars")


@pages.get("")
@for_action(Action.SEE_DIRECTORY)
def index() -> ResponseReturnValue:
    """`?year=` chooses a published year; every standard of limits stands below."""
    return _index(YearForm())


@pages.post("/check")
@for_action(Action.EDIT_CALENDARS)
def check() -> ResponseReturnValue:
    """The year of a file as it would be; nothing is kept yet."""
    form = YearForm()
    if not form.validate_on_submit():
        return _index(form), 422
    name = form.file.data.filename or ""
    try:
        added = calendar_years.read(name, form.file.data.read(calendar_years.MOST_BYTES + 1))
    except YearRefused as error:
        form.file.errors = [_sentence(error)]
        return _index(form), 422
    return render_template(
        "calendars/check.html",
        added=added,
        before=directory.year_of(instance(), added.year),
        after=directory.year_with(instance(), added),
        form=KeepForm(days=calendar_years.as_csv(added), name=name),
        name=name,
    )


@pages.post("")
@for_action(Action.EDIT_CALENDARS)
def keep() -> ResponseReturnValue:
    """Keep the year that was looked at."""
    form = KeepForm()
    if not form.validate_on_submit():
        flash(gettext("没有收到日历内容，请重新上传。"), "error")
        return redirect(url_for("calendars.index"), 303)
    try:
        added = calendar_years.read("kept.csv", (form.days.data or "").encode())
    except YearRefused as error:
        flash(_sentence(error), "error")
        return redirect(url_for("calendars.index"), 303)
    calendar_years.keep(instance(), viewer(), added, source=form.name.data or "")
    flash(gettext("%(year)s 年日历已启用；此后的计算按新日历，已定稿的结果不变。", year=added.year))
    return redirect(url_for("calendars.index", year=added.year), 303)


def _index(form: YearForm) -> str:
    return render_template(
        "calendars/index.html",
        found=directory.year_of(instance(), request.args.get("year", type=int)),
        standards=[standard.load(name) for name in standard.list_standards()],
        word=codes.word,
        form=form if can(viewer(), Action.EDIT_CALENDARS) else None,
        changes=history.changes(instance(), viewer(), "calendars"),
    )


def _sentence(error: YearRefused) -> str:
    found = error.detail
    place = {"row": found.get("row"), "value": found.get("value")}
    return {
        "too_large": gettext("文件太大：一年的日历不超过 1 MB。"),
        "too_many_rows": gettext("行数太多：一年的日历最多 %(n)s 行。", n=found.get("most")),
        "unreadable": gettext("文件读不出来，请另存为 xlsx 或 UTF-8 的 csv。"),
        "empty": gettext("文件里没有日期。第一列写日期，如 2027-01-01。"),
        "several_years": gettext("文件里有几个年份（%(years)s），请每年一个文件。", years=found.get("years")),
        "no_date": gettext("第 %(row)s 行“%(value)s”不是日期，请写成 2027-01-01。", **place),
        "no_state": gettext("第 %(row)s 行“%(value)s”不明白，请写“放假”“上班”或时段 09:00-12:00。", **place),
        "contradiction": gettext("同一天写了两种安排：%(detail)s", detail=found.get("detail")),
    }[error.code]
