"""The unit directory as it is kept: tree, other names, mergers, validity, peer groups; changes for those who may."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from pipeline.house import boundaries, directory, history
from pipeline.house.units import ChangeRefused, UnitFields, change_unit, fields_of
from pipeline.importing.directory import UnitRowsError
from records.access import Action, can
from records.queries import units
from web.forms.choices import choices
from web.forms.directory import AliasForm, UnitForm
from web.forms.map import BoundariesForm
from web.session import for_action, instance, viewer

pages = Blueprint("directory", __name__, url_prefix="/directory")
REFUSALS = {
    "days_turned_round": lazy_gettext("有效止早于有效起，请核对日期。"),
    "merger_without_day": lazy_gettext("并入其他单位时请填写有效止：从这一天起的工单算并入单位的。"),
    "unknown_group": lazy_gettext("没有这个同类组，请重新选择。"),
    "unknown_unit": lazy_gettext("没有这个单位，请重新选择。"),
    "ring_of_parents": lazy_gettext("上级单位不能是本单位或本单位的下级。"),
    "ring_of_mergers": lazy_gettext("并入单位不能是本单位，也不能是并入本单位的单位。"),
}


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


@pages.post("/<code>/aliases/remove")
@for_action(Action.EDIT_UNITS)
def forget(code: str) -> ResponseReturnValue:
    """Let another name no longer mean this unit."""
    alias = request.form.get("alias", "").strip()
    try:
        directory.forget_name(instance(), viewer(), alias=alias, code=code)
    except UnitRowsError:
        flash(gettext("“%(alias)s”不是这个单位的别名，可能已被移除。", alias=alias), "error")
    else:
        flash(gettext("已移除别名“%(alias)s”：今后的文件不再按它识别，已入库的记录不变。", alias=alias))
    return redirect(url_for("directory.unit", code=code), 303)


@pages.get("/<code>")
@for_action(Action.EDIT_UNITS)
def unit(code: str) -> ResponseReturnValue:
    """One unit to change."""
    found = fields_of(instance(), viewer(), code)
    if found is None:
        abort(404)
    return _unit_page(code, found[0], _unit_form(code, found[1]))


@pages.post("/<code>")
@for_action(Action.EDIT_UNITS)
def change(code: str) -> ResponseReturnValue:
    """Take over what was changed; what was typed stays on the page when it cannot be."""
    found = fields_of(instance(), viewer(), code)
    if found is None:
        abort(404)
    form = _unit_form(code)
    if not form.validate_on_submit():
        return _unit_page(code, found[0], form), 422
    try:
        changed = change_unit(instance(), viewer(), code, _typed(form))
    except ChangeRefused as refusal:
        flash(str(REFUSALS[refusal.code]), "error")
        return _unit_page(code, found[0], form), 409
    flash(gettext("已保存“%(name)s”的修改。", name=found[0]) if changed else gettext("没有需要保存的修改。"))
    return redirect(url_for("directory.index"), 303)


def _typed(form: UnitForm) -> UnitFields:
    return UnitFields(
        short_name=(form.short_name.data or "").strip() or None,
        parent_code=form.parent_code.data or None,
        peer_group=form.peer_group.data or None,
        is_assessed=bool(form.is_assessed.data),
        valid_from=form.valid_from.data,
        valid_to=form.valid_to.data,
        merged_into=form.merged_into.data or None,
    )


def _unit_form(code: str, fields: UnitFields | None = None) -> UnitForm:
    form = UnitForm(obj=fields)
    others = [(b.unit.code, b.unit.name) for b in directory.tree(instance(), viewer()) if b.unit.code != code]
    with instance().session() as session:
        groups = [(group.code, group.title) for group in units.list_peer_groups(session)]
    form.parent_code.choices = choices([("", gettext("没有")), *others])
    form.merged_into.choices = choices([("", gettext("没有")), *others])
    form.peer_group.choices = choices([("", gettext("没有")), *groups])
    return form


def _unit_page(code: str, name: str, form: UnitForm) -> str:
    return render_template(
        "directory/unit.html",
        code=code,
        name=name,
        form=form,
        aliases=directory.other_names(instance(), viewer(), code),
    )


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
