"""Cases: a list that is searched and paged by the server, and each case like a parcel."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from metrics.clocks.period import PeriodError, parse
from metrics.counting.counts import SCOPES, SPLITS
from metrics.registry import REGISTRY
from pipeline.views.behind import Behind, Counted, Part, cases_behind, cases_counted
from pipeline.views.definitions import definition
from pipeline.views.parcel import parcel
from records.access import Action, can, unit_filter
from records.queries import cases, units
from records.vocabulary import CASE_FIELDS
from web import kept
from web.forms.choices import choices
from web.forms.records import CaseSearchForm
from web.session import for_action, instance, viewer
from web.words import codes

pages = Blueprint("records", __name__, url_prefix="/records")
may_see = for_action(Action.SEE_CASES)
PAGE_SIZE = 50
TEXT_FIELDS = ("title", "content", "reply_text", "result_text")


@pages.get("")
@may_see
def index() -> ResponseReturnValue:
    form = CaseSearchForm(request.args)
    names = _unit_names()
    form.unit.choices = choices([("", gettext("全部")), *_shown_units(names).items()])
    is_valid = form.validate()
    _fill_in_period(form)
    number = max(1, request.args.get("page", 1, type=int))
    asked, counted = _behind(form), _counted(form)
    if asked:
        among = cases_behind(instance(), viewer(), asked)
    else:
        among = cases_counted(instance(), viewer(), counted) if counted else None
    explained = asked or counted
    with instance().session() as session:
        found = cases.page(
            instance(),
            session,
            viewer=viewer(),
            wanted=_filter(form) if is_valid else None,
            offset=(number - 1) * PAGE_SIZE,
            limit=PAGE_SIZE,
            among=among,
        )
    return render_template(
        "records/index.html",
        form=form,
        found=found,
        behind=asked,
        counted=counted,
        counted_group=request.args.get("peer_group"),
        is_behind=among is not None,
        indicator=definition(explained.code).name if explained else None,
        list=_list(found, names, number, is_kept=among is None),
    )


def _list(found: cases.CasePage, names: dict[str, str], number: int, *, is_kept: bool) -> Markup:
    """The table of a page. Many readers open the list at the same place; what is behind a number few ask for."""

    def make() -> str:
        return render_template(
            "records/_list.html",
            found=found,
            page=number,
            pages=max(1, -(-found.total // PAGE_SIZE)),
            unit_names=names,
            word=codes.word,
            has_titles="title" in cases.visible_columns(viewer()),
        )

    return kept.body(found, make, tuple(names.items())) if is_kept else Markup(make())


@pages.get("/<register>/<path:case_no>")
@may_see
def show(register: str, case_no: str) -> ResponseReturnValue:
    found = parcel(instance(), viewer=viewer(), register=register, case_no=case_no)
    if found is None:
        abort(404)
    return render_template(
        "records/show.html",
        parcel=found,
        case=found.case,
        word=codes.word,
        clock_names=codes.CLOCKS,
        event_names=codes.EVENTS,
        hold_names=codes.HOLDS,
        unit_names=_unit_names() if found.holds else {},
        names={name: codes.field_label(field) for name, field in CASE_FIELDS.items()},
        may_see_batches=can(viewer(), Action.SEE_BATCHES),
        texts=[(name, found.case[name]) for name in TEXT_FIELDS if found.case.get(name)],
    )


def _behind(form: CaseSearchForm) -> Behind | None:
    """The rate of a unit that a link from a scorecard names; anything unknown is left aside."""
    part, code = request.args.get("part", Part.COUNTED), request.args.get("indicator")
    number = request.args.get("assessment", type=int)
    if not code or number is None or not form.unit.data or part not in list(Part):
        return None
    return Behind(number, form.unit.data, code, Part(part))


def _counted(form: CaseSearchForm) -> Counted | None:
    """The number that a link from the page of metrics names; anything unknown is left aside."""
    code, part = request.args.get("metric"), request.args.get("part", Part.COUNTED)
    by, scope = request.args.get("split"), request.args.get("scope", "kept")
    if not code or code not in REGISTRY or part not in list(Part) or scope not in SCOPES or by not in (None, *SPLITS):
        return None
    try:
        period = parse(request.args.get("period", ""))
    except PeriodError:
        return None
    units = frozenset([form.unit.data]) if form.unit.data else _members(request.args.get("peer_group"))
    split = None if by is None else (by, request.args.get("group", ""))
    return Counted(code, Part(part), period, units, split, scope)


def _members(group: str | None) -> frozenset[str] | None:
    """The units of a peer group, "" for those in none; None where no group was asked for."""
    if group is None:
        return None
    with instance().session() as session:
        listed = units.list_units(session, viewer=viewer())
    return frozenset(unit.code for unit in listed if (unit.peer_group or "") == group)


def _fill_in_period(form: CaseSearchForm) -> None:
    """A link from a scorecard names a period; the fields show its first and last day. An unknown one is left aside."""
    label = request.args.get("period")
    if not label or form.since.data or form.until.data:
        return
    try:
        asked = parse(label)
    except PeriodError:
        return
    if not asked.is_all:
        form.since.data, form.until.data = asked.start, asked.end - timedelta(days=1)


def _filter(form: CaseSearchForm) -> cases.CaseFilter:
    until = form.until.data
    return cases.CaseFilter(
        unit=form.unit.data or None,
        since=datetime.combine(form.since.data, time()) if form.since.data else None,
        until=datetime.combine(until + timedelta(days=1), time()) if until else None,
        channel=form.channel.data or None,
        state=form.state.data or None,
        case_no=(form.case_no.data or "").strip() or None,
    )


def _unit_names() -> dict[str, str]:
    with instance().session() as session:
        return {unit.code: unit.name for unit in units.list_units(session, viewer=viewer())}


def _shown_units(names: dict[str, str]) -> dict[str, str]:
    allowed = unit_filter(viewer(), Action.SEE_CASES)
    return {code: name for code, name in names.items() if allowed is None or code in allowed}
