"""The own account: password and second factor."""

from __future__ import annotations

import segno
from flask import Blueprint, flash, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from pipeline.house import people, second_factor
from records.credentials import WeakPassword
from web import session
from web.forms.account import CodeForm, PasswordForm, SwitchOffForm
from web.session import instance, signed_in, viewer

pages = Blueprint("account", __name__, url_prefix="/account")
SALT = "second_factor_salt"  # of the secret that is being set up; without the key file it is worth nothing


@pages.get("")
@signed_in
def show() -> ResponseReturnValue:
    """Who is signed in, and what protects the account."""
    return render_template("account/show.html", form=SwitchOffForm())


@pages.get("/password")
@signed_in
def password() -> ResponseReturnValue:
    """The form of a new password."""
    return render_template("account/password.html", form=PasswordForm())


@pages.post("/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Set the new password; every other session of the account ends."""
    form = PasswordForm()
    if form.validate_on_submit() and _is_changed(form):
        session.sign_in(_now().id)
        flash(gettext("密码已更改，其他地方的登录已退出。"), "ok")
        return redirect(url_for("account.show"), 303)
    return render_template("account/password.html", form=form), 400


@pages.get("/second-factor")
@signed_in
def enrol() -> ResponseReturnValue:
    """The square code of a new secret."""
    if viewer().has_second_factor:
        return redirect(url_for("account.show"))
    cookie[SALT] = cookie.get(SALT) or second_factor.new_salt()
    return _enrolment(CodeForm(), 200)


@pages.post("/second-factor")
@signed_in
def switch_on() -> ResponseReturnValue:
    """Switch the second factor on with the first code of the app."""
    form, salt = CodeForm(), cookie.get(SALT)
    if salt is None or viewer().has_second_factor:
        return redirect(url_for("account.show"), 303)
    if not form.validate_on_submit():
        return _enrolment(form, 400)
    if not second_factor.switch_on(instance(), person_id=viewer().person, salt=salt, code=form.code.data):
        form.code.errors = [gettext("验证码不对；请核对手机时间后输入新的一组。")]
        return _enrolment(form, 400)
    cookie.pop(SALT)
    flash(gettext("两步验证已开启。"), "ok")
    return redirect(url_for("account.show"), 303)


@pages.post("/second-factor/off")
@signed_in
def switch_off() -> ResponseReturnValue:
    """Switch it off; the password is asked again."""
    form = SwitchOffForm()
    if form.validate_on_submit():
        if second_factor.switch_off(instance(), person_id=viewer().person, password=form.password.data):
            flash(gettext("两步验证已关闭。"), "ok")
            return redirect(url_for("account.show"), 303)
        form.password.errors = [gettext("密码不对，请重新输入")]
    return render_template("account/show.html", form=form), 400


def _is_changed(form: PasswordForm) -> bool:
    """Whether the password was changed; else the form says why not."""
    try:
        if people.change_password(instance(), person_id=viewer().person, old=form.old.data, new=form.new.data):
            return True
        form.old.errors = [gettext("现在的密码不对，请重新输入")]
    except WeakPassword:
        form.new.errors = [gettext("请换一个更长、不常见、不含账号、与现在不同的密码。")]
    return False


def _now() -> people.Viewer:
    found = people.viewer_of_person(instance(), viewer().person)
    assert found is not None  # the account answered a moment ago
    return found


def _enrolment(form: CodeForm, status: int) -> tuple[str, int]:
    salt = cookie[SALT]
    square = segno.make(second_factor.address_of(instance(), viewer(), salt), micro=False)
    drawing = Markup(square.svg_inline(scale=5, border=2, omitsize=True, svgclass=None, lineclass=None))
    secret = second_factor.secret_of(instance(), viewer().person, salt)
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return render_template("account/second_factor.html", form=form, drawing=drawing, secret=groups), status
