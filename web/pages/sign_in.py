"""Signing in and out."""

from __future__ import annotations

import logging

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from pipeline.house import people, second_factor, single_sign_on
from web import session
from web import single_sign_on as provider
from web.forms.account import CodeForm
from web.forms.sign_in import SignInForm
from web.limits import seconds_of_wrong_sign_ins

pages = Blueprint("sign_in", __name__)
WANTED = "wanted"  # where the visitor wanted to go, kept while the provider is asked
log = logging.getLogger("wenxiao.sign_in")


@pages.get("/sign-in")
@session.public
def show() -> ResponseReturnValue:
    """The form, or onwards for somebody who is signed in already."""
    wanted = session.local_path(request.args.get("next"))
    if g.viewer:
        return redirect(wanted)
    return render_template("sign_in/show.html", form=SignInForm(), wanted=wanted, is_office=provider.is_offered())


@pages.get("/sign-in/office")
@session.public
def go_to_office() -> ResponseReturnValue:
    """Off to the office's own sign-in, where there is one."""
    if not provider.is_offered():
        abort(404)
    wanted = session.local_path(request.args.get("next"))
    if g.viewer:
        return redirect(wanted)
    cookie[WANTED] = wanted
    try:
        return provider.depart(session.instance().settings)
    except provider.SignOnError as error:
        return _sent_back(error)


@pages.get("/sign-in/office/return")
@session.public
def return_from_office() -> ResponseReturnValue:
    """Back from the office's sign-in with its word for who this is."""
    if not provider.is_offered():
        abort(404)
    wanted = session.local_path(cookie.get(WANTED))
    try:
        found = provider.arrive(session.instance().settings)
        person = single_sign_on.enter(session.instance(), issuer=found.issuer, subject=found.subject, name=found.name)
    except (provider.SignOnError, single_sign_on.NoAccount) as error:
        return _sent_back(error)
    if person.has_second_factor:
        session.wait_for_code(person.person)
        return redirect(url_for("sign_in.ask_code", next=wanted))
    session.sign_in(person.id)
    return redirect(wanted)


def _sent_back(error: Exception) -> ResponseReturnValue:
    log.warning("single sign-on: %s", error)
    session.sign_out()
    if isinstance(error, single_sign_on.NoAccount):
        flash(gettext("统一认证已通过，但这里没有可用的账号。请联系管理员开通。"), "error")
    else:
        flash(gettext("统一认证没有完成。请再试一次，或用账号密码登录。"), "error")
    return redirect(url_for("sign_in.show"))


@pages.post("/sign-in")
@session.public
def enter() -> ResponseReturnValue:
    """Check name and password; the answer to a wrong one never says which of the two was wrong."""
    form = SignInForm()
    wanted = session.local_path(request.args.get("next"))
    status = 400
    if seconds_of_wrong_sign_ins(is_wrong=False):
        return render_template("errors/429.html"), 429
    if form.validate_on_submit():
        try:
            person = people.authenticate(session.instance(), form.sign_in.data, form.password.data)
        except people.TooManyAttempts:
            seconds_of_wrong_sign_ins(is_wrong=True)
            return render_template("errors/429.html"), 429
        if person is not None and person.has_second_factor:
            session.wait_for_code(person.person)
            return redirect(url_for("sign_in.ask_code", next=wanted))
        if person is not None:
            session.sign_in(person.id)
            return redirect(wanted)
        seconds_of_wrong_sign_ins(is_wrong=True)
        form.password.errors = [gettext("账号或密码不对，请重新输入")]
        status = 401
    page = render_template("sign_in/show.html", form=form, wanted=wanted, is_office=provider.is_offered())
    return page, status


@pages.get("/sign-in/code")
@session.public
def ask_code() -> ResponseReturnValue:
    """The form of the second factor, for somebody who gave the right password just now."""
    if session.who_waits_for_code() is None:
        return redirect(url_for("sign_in.show"))
    return render_template("sign_in/code.html", form=CodeForm(), wanted=session.local_path(request.args.get("next")))


@pages.post("/sign-in/code")
@session.public
def give_code() -> ResponseReturnValue:
    """Check the code; a wrong one counts like a wrong password."""
    person, form = session.who_waits_for_code(), CodeForm()
    wanted, status = session.local_path(request.args.get("next")), 400
    if person is None:
        return redirect(url_for("sign_in.show"))
    if form.validate_on_submit():
        try:
            is_right = second_factor.is_code_right(session.instance(), person_id=person, code=form.code.data)
        except people.TooManyAttempts:
            return render_template("errors/429.html"), 429
        viewer = people.viewer_of_person(session.instance(), person)
        if is_right and viewer is not None:
            session.sign_in(viewer.id)
            return redirect(wanted)
        form.code.errors = [gettext("验证码不对或已用过，请输入新的一组。")]
        status = 401
    return render_template("sign_in/code.html", form=form, wanted=wanted), status


@pages.post("/sign-out")
@session.public
def leave() -> ResponseReturnValue:
    """Forget the session; every other session of the account ends with it."""
    if g.viewer:
        people.end_sessions(session.instance(), person_id=g.viewer.person)
    session.sign_out()
    return redirect("/sign-in")
