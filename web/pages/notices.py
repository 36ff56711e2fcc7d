"""What the viewer was told: ended jobs and what concerns the account."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from pipeline.house import notices as told
from web.forms.notices import ReadForm
from web.session import instance, signed_in, viewer
from web.words import notices

pages = Blueprint("notices", __name__, url_prefix="/notices")


@pages.get("")
@signed_in
def index() -> ResponseReturnValue:
    """The newest notices. Looking changes nothing; marking them as read is a button."""
    rows = told.list_notices(instance(), viewer())
    return render_template(
        "notices/index.html",
        rows=[(row, notices.sentence(row), notices.address(row)) for row in rows],
        n_new=sum(row.is_new for row in rows),
        form=ReadForm(up_to=rows[0].id if rows else 0),
    )


@pages.post("/read")
@signed_in
def read() -> ResponseReturnValue:
    form = ReadForm()
    if form.validate_on_submit():
        told.mark_read(instance(), viewer(), up_to=int(form.up_to.data or 0))
    return redirect(url_for("notices.index"), 303)
