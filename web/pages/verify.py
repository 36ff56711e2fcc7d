"""Is this document the one that was made here? By the code on its pages, or by the file itself."""

from __future__ import annotations

import hashlib

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from pipeline.paper import issued
from web.forms.reports import KIND_NAMES
from web.forms.verify import VerifyForm
from web.session import instance, signed_in

pages = Blueprint("verify", __name__, url_prefix="/verify")


@pages.get("")
@signed_in
def index() -> ResponseReturnValue:
    code = request.args.get("code", "")
    found = issued.find(instance(), code=code) if code else None
    return _page(VerifyForm(formdata=None, data={"code": code}), found, code)


@pages.post("")
@signed_in
def check() -> ResponseReturnValue:
    """A file is only read for its hash and not kept."""
    form = VerifyForm()
    if not form.validate_on_submit():
        return _page(form, None, ""), 400
    if form.file.data:
        digest = hashlib.file_digest(form.file.data.stream, "sha256").hexdigest()
        return _page(form, issued.find(instance(), digest=digest), digest)
    return _page(form, issued.find(instance(), code=form.code.data), form.code.data)


def _page(form: VerifyForm, found: list[issued.Issued] | None, asked: str) -> str:
    return render_template("verify/index.html", form=form, found=found, asked=asked, kind_names=KIND_NAMES)
