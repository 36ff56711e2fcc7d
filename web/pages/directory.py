"""The unit directory as it is kept: tree, other names, mergers, validity, peer groups; aliases for those who may."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from pipeline.house import boundaries, directory, history
from pipeline.importing.directory import UnitRowsError
from records.access import Action, can
from web.forms.directory import AliasForm
from web.forms.map import BoundariesForm
from web.session import for_action, instance, viewer

pages = Blueprint("directory", __name__, url_prefix="/directory")


@pages.get("")
@for_action(Action.SEE_DIRECTORY)
def index() -> ResponseReturnValue:
    return _page(_form())


@pages.post("/aliases")
@for_action(Action.EDIT_UNITS)
def name() -> ResponseReturnValue:
    """Let another name mean a unit; the next files with it are understood."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    alias, code = (form.alias.data or "").strip(), form.unit.data
    try:
        directory.name_unit(instance(), viewer(), alias=alias, code=code)
    except UnitRowsError:
        flash(gettext("“%(alias)s”已经是另一个单位的名称，请核对。", alias=alias), "error")
        return _page(form), 409
    flash(gettext("已记下：“%(alias)s”今后识别为该单位。", alias=alias))
    return redirect(url_for("directory.index"), 303)


def _form() -> AliasForm:
    form = AliasForm()
    form.unit.choices = [
        ("", gettext("请选择")), *((b.unit.code, b.unit.name) for b in directory.tree(instance(), viewer()))
    ]  # fmt: skip
    return form


def _page(form: AliasForm) -> str:
    return render_template(
        "directory/index.html",
        branches=directory.tree(instance(), viewer()),
        form=form,
        changes=history.changes(instance(), viewer(), "units"),
        boundaries_form=BoundariesForm() if can(viewer(), Action.OPERATE) else None,
        has_map=boundaries.exists(instance()),
        may_edit=can(viewer(), Action.EDIT_UNITS),
    )
