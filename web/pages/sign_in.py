"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from pipeline import people
from web import session
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
        if person is not None:
            session.sign_in(person.id)
            return redirect(wanted)
        form.password.errors = [gettext("账号或密码不对，请重新输入")]
        status = 401
    return render_template("sign_in/show.html", form=form, wanted=wanted), status


@pages.post("/sign-out")
@session.public
def leave() -> ResponseReturnValue:
    """Forget the session."""
    session.sign_out()
    return redirect("/sign-in")
