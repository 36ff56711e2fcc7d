"""Several assessments side by side: tables of other appraisals, filled from the same published results by a file."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from evaluation.appraisal import Book, BookFaulty
from evaluation.rules.faults import Fault
from pipeline.judgement import appraisals
from pipeline.judgement.scheme_store import newest_schemes
from records.access import Action, can
from reports import appraisal_sheets, numbers
from reports.packing import file_name
from web.forms.appraisals import BookForm
from web.languages import in_language, language
from web.session import for_action, instance, viewer

pages = Blueprint("appraisals", __name__, url_prefix="/appraisals")
may_see = for_action(Action.SEE_RANKING)
REFUSALS = {
    "too_large": lazy_gettext("文件太大：不超过 200 KB。"),
    "no_utf8": lazy_gettext("文件不是 UTF-8 文本，请另存为 UTF-8。"),
}
KINDS = {"xlsx": appraisal_sheets.write_xlsx, "csv": appraisal_sheets.write_csv}


@pages.get("")
@may_see
def index() -> ResponseReturnValue:
    return _index(BookForm(formdata=None), [], 200)


@pages.post("")
@for_action(Action.EDIT_SCHEMES)
def upload() -> ResponseReturnValue:
    """Keep a file, or say everything that is wrong with it."""
    form = BookForm()
    if not form.validate_on_submit():
        return _index(form, [], 400)
    try:
        book = appraisals.keep(instance(), viewer(), form.file.data.read(appraisals.LARGEST_BYTES + 1))
    except appraisals.BookRefused as refused:
        form.form_errors.append(str(REFUSALS[refused.code]))
        return _index(form, [], 400)
    except BookFaulty as faulty:
        return _index(form, faulty.faults, 400)
    flash(gettext("已保存：%(n)s 张考核表。", n=len(book.tables)), "ok")
    return redirect(url_for("appraisals.show", name=book.id), 303)


@pages.get("/<name>")
@may_see
def show(name: str) -> ResponseReturnValue:
    """The tables filled for a period."""
    book, periods = _book(name), appraisals.periods(instance(), viewer())
    wanted = request.args.get("period") or next(iter(periods), None)
    found = appraisals.filled(instance(), viewer(), book, wanted) if wanted else None
    return render_template("appraisals/show.html", book=book, periods=periods, period=wanted, found=found)


@pages.get("/<name>/text")
@may_see
def text(name: str) -> ResponseReturnValue:
    """The file itself, to be copied."""
    content = io.BytesIO(_book(name).text.encode())
    return send_file(content, "application/toml", as_attachment=True, download_name=f"{name}.toml")


@pages.get("/<name>/<period>.<kind>")
@may_see
def download(name: str, period: str, kind: str) -> ResponseReturnValue:
    """The filled tables as a workbook or a CSV file."""
    if kind not in KINDS or period not in appraisals.periods(instance(), viewer()):
        abort(404)
    book = _book(name)
    found = appraisals.filled(instance(), viewer(), book, period)
    sources = "；".join(_source(source) for source in found.sources)
    sheets = appraisal_sheets.Sheets(found.tables, found.names, period, sources, language())
    with tempfile.TemporaryDirectory() as folder:
        path = KINDS[kind](sheets, Path(folder) / f"tables.{kind}")
        content = io.BytesIO(path.read_bytes())
    shown = file_name(in_language(book.title), numbers.period(period, language()))
    return send_file(content, as_attachment=True, download_name=f"{shown}.{kind}")


def _source(source: appraisals.Source) -> str:
    if source.number is None:
        return gettext("%(scheme)s：本期没有公布的结果", scheme=source.scheme)
    return gettext(
        "%(scheme)s %(version)s：评价 %(number)s，指纹 %(hash)s",
        scheme=source.scheme,
        version=source.version,
        number=source.number,
        hash=(source.result_sha256 or "")[:16],
    )


def _book(name: str) -> Book:
    try:
        return appraisals.find_book(instance(), name)
    except appraisals.UnknownBook:
        abort(404)


def _index(form: BookForm, faults: list[Fault], status: int) -> tuple[str, int]:
    page = render_template(
        "appraisals/index.html",
        books=appraisals.books(instance()),
        scheme_titles={scheme.id: scheme.title for scheme in newest_schemes(instance())},
        form=form if can(viewer(), Action.EDIT_SCHEMES) else None,
        faults=[(fault.line, fault.message(language())) for fault in faults],
    )
    return page, status
