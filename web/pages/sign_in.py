"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from pipeline import people, second_factor
from web import session
from web.forms.account import CodeForm
from web.forms.sign_in import SignInForm

pages = Blueprint("sign_in", __name__)


@pages.get("/sign-in")
@session.public
def show() -> ResponseReturnValue:
    """The form, or onwards for somebody who is signed in already."""
    wanted = session.local_path(request.args.get("next"))
    if g.viewer:
        return redirect(wanted)
    return render_template("sign_in/show.html", form=SignInForm(), wanted=wanted)


@pages.post("/sign-in")
@session.public
def enter() -> ResponseReturnValue:
    """Check name and password; the answer to a wrong one never says which of the two was wrong."""
    form = SignInForm()
    wanted = session.local_path(request.args.get("next"))
    status = 400
    if form.validate_on_submit():
        try:
            person = people.authenticate(session.instance(), form.sign_in.data, form.password.data)
        except people.TooManyAttempts:
            return render_template("errors/429.html"), 429
        if person is not None and person.has_second_factor:
            session.wait_for_code(person.person)
            return redirect(url_for("sign_in.ask_code", next=wanted))
        if person is not None:
            session.sign_in(person.id)
            return redirect(wanted)
        form.password.errors = [gettext("账号或密码不对，请重新输入")]
        status = 401
    return render_template("sign_in/show.html", form=form, wanted=wanted), status


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
