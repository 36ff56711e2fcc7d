"""Leading posts of the directory: who held which post from when to when, without names."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from pipeline.judgement import tenures
from records.access import Action, can
from records.queries import units
from web.forms.choices import choices
from web.forms.posts import EndForm, TermForm
from web.session import for_action, instance, viewer

pages = Blueprint("posts", __name__, url_prefix="/directory/posts")
may_edit = for_action(Action.EDIT_UNITS)
REFUSALS = {
    "unknown_unit": lazy_gettext("名录中没有这个单位。"),
    "no_post": lazy_gettext("请填写职务，如 主要负责人。"),
    "names_a_person": lazy_gettext("只写职务，请去掉电话、证件号等个人信息。"),
    "ends_before_it_begins": lazy_gettext("最后一天不能早于第一天。"),
    "overlaps": lazy_gettext("这个职务在这段时间已有任期，请先给前一任期填上最后一天。"),
    "unknown_term": lazy_gettext("没有这段任期，可能已被删除。"),
}


@pages.get("")
@for_action(Action.SEE_DIRECTORY)
def index() -> ResponseReturnValue:
    return _index(_form(empty=True), 200)


@pages.post("")
@may_edit
def add() -> ResponseReturnValue:
    form = _form()
    if not form.validate_on_submit() or form.from_day.data is None:
        return _index(form, 400)
    try:
        tenures.add(
            instance(),
            viewer(),
            unit=form.unit.data,
            post=form.post.data or "",
            from_day=form.from_day.data,
            to_day=form.to_day.data,
        )
    except tenures.TenureRefused as refused:
        form.form_errors.append(str(REFUSALS[refused.code]))
        return _index(form, 400)
    flash(gettext("已记下任期。"), "ok")
    return redirect(url_for("posts.index"), 303)


@pages.post("/<int:term>/end")
@may_edit
def end(term: int) -> ResponseReturnValue:
    form = EndForm()
    if not form.validate_on_submit() or form.to_day.data is None:
        flash(gettext("请填写日期，如 2025-06-30。"), "error")
        return redirect(url_for("posts.index"), 303)
    try:
        tenures.end(instance(), viewer(), term, to_day=form.to_day.data)
    except tenures.TenureRefused as refused:
        flash(str(REFUSALS[refused.code]), "error")
    return redirect(url_for("posts.index"), 303)


@pages.post("/<int:term>/remove")
@may_edit
def remove(term: int) -> ResponseReturnValue:
    try:
        tenures.remove(instance(), viewer(), term)
    except tenures.TenureRefused as refused:
        flash(str(REFUSALS[refused.code]), "error")
    return redirect(url_for("posts.index"), 303)


def _form(*, empty: bool = False) -> TermForm:
    form = TermForm(formdata=None) if empty else TermForm()
    with instance().session() as session:
        rows = units.list_units(session, viewer=viewer())
    form.unit.choices = choices([("", gettext("请选择")), *((row.code, row.name) for row in rows)])
    return form


def _index(form: TermForm, status: int) -> tuple[str, int]:
    page = render_template(
        "posts/index.html",
        terms=tenures.terms(instance(), viewer()),
        form=form if can(viewer(), Action.EDIT_UNITS) else None,
    )
    return page, status
