"""People: who may sign in, and as what. For administrators."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from pipeline.house import history, people, single_sign_on
from records.access import Action
from records.queries import people as accounts
from records.queries import units
from records.vocabulary import Role
from web.forms.choices import choices
from web.forms.people import PersonForm, RoleForm
from web.session import for_action, instance, viewer

pages = Blueprint("people", __name__, url_prefix="/people")
PersonOrRole = TypeVar("PersonOrRole", bound=PersonForm | RoleForm)
may_manage = for_action(Action.MANAGE_PEOPLE)


@pages.get("")
@may_manage
def index() -> ResponseReturnValue:
    return _index(_with_units(PersonForm()), 200)


@pages.post("")
@may_manage
def add() -> ResponseReturnValue:
    form = _with_units(PersonForm())
    if not form.validate_on_submit():
        return _index(form, 400)
    if _account(form.sign_in.data) is not None:
        form.sign_in.errors = [gettext("这个账号已经存在，请换一个。")]
        return _index(form, 409)
    people.add_person(
        instance(),
        sign_in=form.sign_in.data,
        name=form.name.data,
        role=Role(form.role.data),
        password=form.password.data,
        unit_code=form.unit.data or None,
        must_change=True,
        by=viewer().sign_in,
    )
    flash(gettext("已新增 %(name)s，请把初始密码当面告知本人。", name=form.sign_in.data), "ok")
    return redirect(url_for("people.index"), 303)


@pages.get("/<sign_in>")
@may_manage
def person(sign_in: str) -> ResponseReturnValue:
    """One account: what it may, and who gave and took that when."""
    account = _account(sign_in) or abort(404)
    held = {"role": account.role, "unit": account.unit_code or "", "survey_role": account.has_survey_role}
    return _person(account, _with_units(RoleForm(formdata=None, data=held)), 200)


@pages.post("/<sign_in>/role")
@may_manage
def change_role(sign_in: str) -> ResponseReturnValue:
    """Give the account another role, unit or the survey role."""
    account = _account(sign_in) or abort(404)
    form = _with_units(RoleForm())
    if not form.validate_on_submit():
        return _person(account, form, 400)
    if account.sign_in == viewer().sign_in:
        flash(gettext("不能更改自己的角色，请由另一位管理员操作。"), "error")
        return redirect(url_for("people.person", sign_in=account.sign_in), 303)
    is_changed = people.set_role(
        instance(),
        sign_in=account.sign_in,
        role=Role(form.role.data),
        unit_code=form.unit.data or None,
        has_survey_role=form.survey_role.data,
        by=viewer().sign_in,
    )
    flash(
        gettext("已更改 %(name)s 的角色，本人须重新登录。", name=account.name) if is_changed else gettext("没有变化。"),
        "ok",
    )
    return redirect(url_for("people.person", sign_in=account.sign_in), 303)


@pages.post("/<sign_in>/disable")
@may_manage
def disable(sign_in: str) -> ResponseReturnValue:
    return _set_active(sign_in, False)


@pages.post("/<sign_in>/enable")
@may_manage
def enable(sign_in: str) -> ResponseReturnValue:
    return _set_active(sign_in, True)


@pages.post("/<sign_in>/unbind")
@may_manage
def unbind(sign_in: str) -> ResponseReturnValue:
    """Forget whom the office's single sign-on knows this account as; the next one of that name is bound anew."""
    if _account(sign_in) is None:
        abort(404)
    was_bound = single_sign_on.unbind(instance(), sign_in=sign_in, by=viewer().sign_in)
    if was_bound:
        flash(gettext("已解除 %(name)s 的统一身份绑定；下次以该账号名单点登录的人将重新绑定。", name=sign_in), "ok")
    else:
        flash(gettext("%(name)s 没有绑定统一身份，无需解除。", name=sign_in), "ok")
    return redirect(url_for("people.index"), 303)


def _set_active(sign_in: str, is_active: bool) -> ResponseReturnValue:
    if _account(sign_in) is None:
        abort(404)
    if sign_in == viewer().sign_in:
        flash(gettext("不能停用自己的账号，请由另一位管理员操作。"), "error")
        return redirect(url_for("people.index"), 303)
    people.set_active(instance(), sign_in=sign_in, is_active=is_active, by=viewer().sign_in)
    done = gettext("已启用 %(name)s。", name=sign_in) if is_active else gettext("已停用 %(name)s。", name=sign_in)
    flash(done, "ok")
    return redirect(url_for("people.index"), 303)


def _account(sign_in: str) -> accounts.PersonRow | None:
    with instance().session() as session:
        return accounts.one_person(session, viewer=viewer(), sign_in=sign_in)


def _with_units(form: PersonOrRole) -> PersonOrRole:
    with instance().session() as session:
        found = units.list_units(session, viewer=viewer())
    form.unit.choices = choices([("", gettext("（无）")), *((unit.code, unit.name) for unit in found)])
    return form


def _index(form: PersonForm, status: int) -> tuple[str, int]:
    with instance().session() as session:
        found = accounts.list_people(session, viewer=viewer())
    changes = history.changes(instance(), viewer(), "people")
    page = render_template(
        "people/index.html", form=form, people=found, own_sign_in=viewer().sign_in, changes=changes
    )  # fmt: skip
    return page, status


def _person(account: accounts.PersonRow, form: RoleForm, status: int) -> tuple[str, int]:
    page = render_template(
        "people/person.html",
        account=account,
        form=form,
        is_own=account.sign_in == viewer().sign_in,
        changes=history.changes(instance(), viewer(), "people", account.sign_in),
    )
    return page, status
