"""The inbox: finished documents and messages to the reader, and the documents wanted again and again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from pipeline.paper import inbox, mailing, report_jobs, standing_orders
from pipeline.paper.reporting import FOR_ONE_UNIT
from pipeline.paper.standing_orders import OrderRefused, Standing, Wanted
from records.access import Action, can, unit_filter
from records.queries import assessments, units
from reports import numbers
from web.forms.choices import choices
from web.forms.inbox import RHYTHM_NAMES, StandingOrderForm
from web.forms.reports import FORMAT_NAMES, KIND_NAMES
from web.languages import language
from web.session import for_action, instance, signed_in, viewer
from web.shown.schemes import scheme_title

pages = Blueprint("inbox", __name__, url_prefix="/inbox")


@pages.get("")
@signed_in
def index() -> ResponseReturnValue:
    """What has come, the newest first; the unread is marked."""
    return _index(_with_choices(StandingOrderForm(formdata=None)), 200)


@pages.post("/read")
@signed_in
def read() -> ResponseReturnValue:
    """Everything is read."""
    inbox.mark_read(instance(), viewer())
    return redirect(url_for("inbox.index"), 303)


@pages.post("/orders")
@for_action(Action.MAKE_REPORTS)
def create() -> ResponseReturnValue:
    """Keep a standing order."""
    form = _with_choices(StandingOrderForm())
    if not form.validate_on_submit():
        return _index(form, 400)
    unit = form.unit.data or None if form.kind.data in FOR_ONE_UNIT else None
    wanted = Wanted(form.rhythm.data, form.scheme.data, form.kind.data, form.format.data, unit, language(),
                    (form.mail_to.data or "").strip() or None)  # fmt: skip
    try:
        standing_orders.add(instance(), viewer(), wanted)
    except OrderRefused as error:
        form.mail_to.errors = [_refusals()[error.reason]]
        return _index(form, 400)
    flash(gettext("已保存。到期后由系统制作，完成后出现在本页。"))
    return redirect(url_for("inbox.index"), 303)


@pages.post("/orders/<int:order>/end")
@for_action(Action.MAKE_REPORTS)
def end(order: int) -> ResponseReturnValue:
    """End an own standing order."""
    if not standing_orders.end(instance(), viewer(), order):
        abort(404)
    return redirect(url_for("inbox.index"), 303)


def _refusals() -> dict[str, str]:
    return {
        "rhythm": gettext("这种内容不按所选的周期制作，可选的内容见说明。"),
        "address": gettext("请填写一个邮箱地址，例如 name@example.gov.cn。"),
        "mail_unset": gettext("本系统没有设置邮件服务器，请不填邮箱，从收件箱下载。"),
        "too_many": gettext("定期制作的文件最多 %(n)s 项，请先停止其中一项。", n=standing_orders.MOST),
    }


def _with_choices(form: StandingOrderForm) -> StandingOrderForm:
    with instance().session() as session:
        found = assessments.list_assessments(session, viewer=viewer())
        directory = units.list_units(session, viewer=viewer())
    allowed = unit_filter(viewer(), Action.MAKE_REPORTS)
    shown = [unit for unit in directory if allowed is None or unit.code in allowed]
    everything = [("", gettext("（全部）"))] if allowed is None else []
    form.scheme.choices = choices(dict((row.scheme_id, scheme_title(row)) for row in reversed(found)).items())
    form.unit.choices = choices([*everything, *((unit.code, unit.name) for unit in shown)])
    return form


def _index(form: StandingOrderForm, status: int) -> tuple[str, int]:
    may_order = can(viewer(), Action.MAKE_REPORTS)
    messages = [_message(message) for message in inbox.list_own(instance(), viewer())]
    orders = [_order(order) for order in standing_orders.list_own(instance(), viewer())] if may_order else []
    return render_template(
        "inbox/index.html", form=form, messages=messages, orders=orders, may_order=may_order,
        unread=sum(message["is_new"] for message in messages), has_mail=mailing.is_set(instance().settings),
    ), status  # fmt: skip


def _message(message: inbox.Message) -> dict[str, Any]:
    """A message in the language of the page, with the address of its file where it is there."""
    row = {"made_at": message.made_at, "is_new": message.read_at is None, "href": None, "mail": "", "name": ""}
    told = message.arguments
    report = report_jobs.one_report(instance(), viewer=viewer(), job=message.link or "")
    href = url_for("reports.download", job=message.link) if report is not None and report.is_ready else None
    kind = str(KIND_NAMES.get(told["report"], told["report"]))
    text = gettext("评价 %(number)s %(kind)s", number=told["number"], kind=kind)
    extra = [numbers.day(told["of"], language()) if len(told["of"]) > 7 else told["of"], told["unit"] or ""]
    composed = " ".join(part for part in [text, *extra] if part)
    return {**row, "text": told.get("name") or composed, "href": href, "mail": _mailed(told["mail"])}


def _mailed(told: str) -> str:
    if told.startswith("failed: "):
        return gettext("邮件没有发出：%(error)s", error=told.removeprefix("failed: "))
    return {"sent": gettext("已发邮件"), "told": gettext("已发邮件通知，文件留在系统内")}.get(told, "")


def _order(order: Standing) -> dict[str, Any]:
    wanted = order.wanted
    what = str(KIND_NAMES.get(wanted.kind, wanted.kind))
    return {
        "id": order.id, "rhythm": RHYTHM_NAMES[wanted.rhythm], "format": FORMAT_NAMES[wanted.format],
        "what": f"{what} {wanted.unit}" if wanted.unit else what, "scheme": wanted.scheme,
        "mail_to": wanted.mail_to or "—", "last": order.last_made or "—",
    }  # fmt: skip
