"""The review desk: a queue of findings, each with its evidence; the unit answers on a page of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf import FlaskForm
from markupsafe import Markup

from integrity.rules.catalogue import detectors
from integrity.rules.finding import DISCLAIMER
from pipeline.house import jobs
from pipeline.integrity import review
from pipeline.integrity.evidence import evidence_for
from pipeline.integrity.evidence_parts import Stack
from pipeline.integrity.findings import DECIDED
from pipeline.integrity.outcome import outcome_of
from pipeline.integrity.shown import for_reader
from pipeline.judgement.scheme_store import list_schemes
from records.access import Action, can
from records.queries import findings, units
from records.queries.findings import FindingRow
from records.queries.people import Called, called, list_assessors
from web.drawn.drawings import pair_bars, stacked
from web.forms.choices import choices
from web.forms.findings import AnswerForm, AskForm, AssignForm, DecideForm, QueueForm, ReopenForm, SearchForm
from web.languages import language
from web.session import for_action, instance, viewer
from web.words import finding_words as words

pages = Blueprint("findings", __name__, url_prefix="/findings")
may_see = for_action(Action.SEE_FINDINGS)
may_review = for_action(Action.ASSESS)
may_answer = for_action(Action.OBJECT)
PAGE_SIZE = 50


@pages.get("")
@may_see
def index() -> ResponseReturnValue:
    return _index(SearchForm(formdata=None), 200)


@pages.post("")
@may_review
def search() -> ResponseReturnValue:
    form = SearchForm()
    if not form.validate_on_submit():
        return _index(form, 400)
    by, period = viewer().sign_in, (form.period.data or "").strip()
    job = jobs.enqueue(instance(), "find_findings", by=by, period=period, asked_by=by,
                       scheme=form.scheme.data or "")  # fmt: skip
    return redirect(url_for("findings.running", job=job), 303)


@pages.get("/jobs/<job>")
@may_review
def running(job: str) -> ResponseReturnValue:
    return render_template("findings/running.html", job=_progress(job))


@pages.get("/jobs/<job>/progress")
@may_review
def progress(job: str) -> ResponseReturnValue:
    return render_template("findings/_progress.html", job=_progress(job))


def _progress(job: str) -> jobs.JobProgress:
    try:
        return jobs.progress(instance(), job)
    except jobs.JobMissing:
        abort(404)


@pages.get("/statistics")
@may_see
def statistics() -> ResponseReturnValue:
    """How the desk itself works: outcomes and days by detector and by peer group."""
    with instance().session() as session:
        rows = findings.list_findings(session, viewer=viewer())
        groups = {u.code: u.peer_group for u in units.list_units(session, viewer=viewer())}
        titles = units.peer_group_titles(session, language())
    by_detector = {row.id: words.detector_name(row.key) for row in rows}
    none = gettext("未分组")
    by_group = {row.id: titles.get(groups.get(row.unit_code or "") or "", none) for row in rows}
    parts = [
        (gettext("按线索类型"), review.desk_statistics(rows, by_detector)),
        (gettext("按同类组"), review.desk_statistics(rows, by_group)),
    ]
    return render_template("findings/statistics.html", parts=parts)


@pages.get("/<int:number>")
@may_see
def show(number: int) -> ResponseReturnValue:
    return _show(number, {}, 200)


@pages.post("/<int:number>/assign")
@may_review
def assign(number: int) -> ResponseReturnValue:
    form = AssignForm()
    return _step(number, form, lambda: review.assign(instance(), number, to=form.to.data or "", viewer=viewer()))


@pages.post("/<int:number>/ask")
@may_review
def ask(number: int) -> ResponseReturnValue:
    form = AskForm()
    return _step(
        number, form, lambda: review.ask(instance(), number, question=form.question.data or "", viewer=viewer())
    )


@pages.post("/<int:number>/decide")
@may_review
def decide(number: int) -> ResponseReturnValue:
    form = DecideForm()
    return _step(
        number,
        form,
        lambda: review.decide(
            instance(), number, outcome=form.outcome.data, reason=form.reason.data or "", viewer=viewer(),
            confirmed_as=form.confirmed_as.data if form.outcome.data == "confirmed" else "",
        ),
    )  # fmt: skip


@pages.post("/<int:number>/reopen")
@may_review
def reopen(number: int) -> ResponseReturnValue:
    form = ReopenForm()
    return _step(
        number, form, lambda: review.reopen(instance(), number, reason=form.reason.data or "", viewer=viewer())
    )


@pages.get("/asked")
@may_answer
def asked() -> ResponseReturnValue:
    """What the viewer's unit was asked."""
    with instance().session() as session:
        rows = findings.list_asked(session, viewer=viewer())
    return render_template("findings/asked.html", rows=rows, words=words, names=_unit_names())


@pages.get("/asked/<int:number>")
@may_answer
def question(number: int) -> ResponseReturnValue:
    return _question(number, AnswerForm(formdata=None), 200)


@pages.post("/asked/<int:number>")
@may_answer
def answer(number: int) -> ResponseReturnValue:
    form = AnswerForm()
    if not form.validate_on_submit():
        return _question(number, form, 400)
    try:
        review.answer(instance(), number, text=form.text.data or "", viewer=viewer())
    except review.ReviewRefused as refused:
        flash(words.refusal(refused.code), "error")
    else:
        flash(gettext("说明已提交，结论作出前可以修改。"), "ok")
    return redirect(url_for("findings.question", number=number), 303)


def _question(number: int, form: AnswerForm, status: int) -> tuple[str, int]:
    with instance().session() as session:
        row = findings.one_asked(session, viewer=viewer(), number=number)
    if row is None:
        abort(404)
    outcome = outcome_of(instance(), row, viewer())
    row = for_reader(row, viewer())
    if not form.is_submitted():
        form.text.data = row.unit_answer
    page = render_template("findings/question.html", row=row, form=form, words=words, names=_unit_names(),
                           can_answer=row.state in ("asked", "answered"), outcome=outcome)  # fmt: skip
    return page, status


def _step(number: int, form: FlaskForm, act: Callable[[], Any]) -> ResponseReturnValue:
    """One step of the desk; what is missing or refused is said on the page of the finding."""
    if not form.validate_on_submit():
        return _show(number, {type(form): form}, 400)
    try:
        act()
    except review.ReviewRefused as refused:
        flash(words.refusal(refused.code), "error")
    else:
        flash(gettext("线索 %(number)s 已更新。", number=number), "ok")
    return redirect(url_for("findings.show", number=number), 303)


def _show(number: int, forms: dict[type, FlaskForm], status: int) -> tuple[str, int]:
    with instance().session() as session:
        row = findings.one(session, viewer=viewer(), number=number)
        assessors = _called(list_assessors(session), called(session, viewer=viewer()))
    if row is None:
        abort(404)
    evidence = evidence_for(instance(), row, viewer())
    page = render_template(
        "findings/show.html",
        row=for_reader(row, viewer()),
        words=words,
        names=_unit_names(),
        evidence=evidence,
        bars=pair_bars(evidence.bars, str(words.TABLES[evidence.bars.name])) if evidence.bars else None,
        stack=_stack(evidence.stack),
        outcome=outcome_of(instance(), row, viewer()),
        can_review=can(viewer(), Action.ASSESS, unit=row.unit_code),
        is_decided=row.state in DECIDED,
        forms=_forms(row, assessors, forms),
    )
    return page, status


def _stack(found: Stack | None) -> Markup | None:
    """The two stacks as a drawing; None where a count is withheld, since a part without a width would give it away."""
    if found is None or None in found.unit:
        return None if found is None else Markup("")
    lines = [(gettext("本单位"), found.unit)]
    if None not in found.peers and any(found.peers):
        lines.append((gettext("同类单位"), found.peers))
    names = [words.level(name) for name in found.labels]
    return stacked([(name, [n or 0 for n in counts]) for name, counts in lines], names, str(words.TABLES["levels"]))


def _called(sign_ins: list[str], known: dict[str, Called]) -> list[tuple[str, str]]:
    """Sign-in name and what to call each of them; two people of one name are told apart by it."""
    names = {sign_in: known[sign_in].name or sign_in for sign_in in sign_ins}
    often = Counter(names.values())
    return [(s, f"{name} ({s})" if often[name] > 1 else name) for s, name in names.items()]


def _forms(row: FindingRow, assessors: list[tuple[str, str]], given: dict[type, FlaskForm]) -> dict[str, FlaskForm]:
    made = {kind: given.get(kind) or kind(formdata=None) for kind in (AssignForm, AskForm, DecideForm, ReopenForm)}
    made[AssignForm].to.choices = choices(assessors)
    made[AssignForm].to.data = row.assigned_to
    names = {AssignForm: "assign", AskForm: "ask", DecideForm: "decide", ReopenForm: "reopen"}
    return {names[kind]: form for kind, form in made.items()}


def _unit_names() -> dict[str, str]:
    with instance().session() as session:
        return {unit.code: unit.name for unit in units.list_units(session, viewer=viewer())}


def _index(form: SearchForm, status: int) -> tuple[str, int]:
    queue = QueueForm(request.args)
    names = [f"{scheme.id}@{scheme.version}" for scheme in list_schemes(instance())]
    form.scheme.choices = choices([("", gettext("该时期最新考核的方案")), *((name, name) for name in names)])
    with instance().session() as session:
        everything = findings.list_findings(session, viewer=viewer())
    periods = sorted({row.period for row in everything}, reverse=True)
    kinds = sorted({row.key for row in everything} & detectors().keys())
    everywhere = ("", gettext("全部"))
    queue.period.choices = choices([everywhere, *((p, p) for p in periods)])
    queue.detector.choices = choices([everywhere, *((kind, words.detector_name(kind)) for kind in kinds)])
    rows = [row for row in everything if _is_wanted(row, queue)]
    number = max(1, request.args.get("page", 1, type=int))
    page = render_template(
        "findings/index.html",
        rows=[for_reader(row, viewer()) for row in rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]],
        total=len(rows),
        page=number,
        pages=max(1, -(-len(rows) // PAGE_SIZE)),
        queue=queue,
        form=form if can(viewer(), Action.ASSESS) else None,
        words=words,
        names=_unit_names(),
        disclaimer=DISCLAIMER,
    )
    return page, status


def _is_wanted(row: FindingRow, queue: QueueForm) -> bool:
    pairs = ((queue.period.data, row.period), (queue.detector.data, row.key), (queue.state.data, row.state))
    return all(not wanted or wanted == value for wanted, value in pairs)
