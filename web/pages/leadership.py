"""For the organization department: leadership teams with change and peers, years, posts, ceilings, objections."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from pipeline.judgement import cycle, tenures
from pipeline.views import leadership, shown
from pipeline.views.definitions import definition
from records.access import Action
from records.queries import review
from reports import numbers
from web.formats import measure_sign
from web.forms.posts import ShareForm
from web.languages import in_language
from web.session import for_action, instance, viewer
from web.words.review import OBJECTION_STATES, effect_lines, stored_effect

pages = Blueprint("leadership", __name__, url_prefix="/leadership")
may_compare = for_action(Action.SEE_RANKING)
READINGS = {
    "up": lazy_gettext("上升，超出偶然"),
    "down": lazy_gettext("下降，超出偶然"),
    "level": lazy_gettext("变化在偶然范围内"),
}


@pages.get("")
@may_compare
def show() -> ResponseReturnValue:
    """Bands and intervals of every team, with the ceiling of the best grade counted."""
    form = ShareForm(request.args)
    share = float(form.share.data) / 100 if form.validate() and form.share.data is not None else None
    try:
        view = leadership.leadership(instance(), viewer(), _number(), share)
    except shown.NothingToShow:
        return render_template("leadership/show.html", view=None)
    if form.share.data is None and view.share is not None and not form.errors:
        form.share.raw_data = [f"{view.share * 100:g}"]
    return render_template(
        "leadership/show.html",
        view=view,
        form=form,
        choices=_choices(),
        readings=READINGS,
        printed=numbers.percent,
        score_change=numbers.score_change,
    )


@pages.get("/years")
@may_compare
def years() -> ResponseReturnValue:
    """Units that held the best grade, over all periods of the scheme."""
    try:
        view = leadership.following(instance(), viewer(), _number())
    except shown.NothingToShow:
        return render_template("leadership/years.html", view=None)
    return render_template("leadership/years.html", view=view, choices=_choices())


@pages.get("/posts")
@may_compare
def posts() -> ResponseReturnValue:
    """Results by post: the whole months of each term."""
    try:
        prepared, rows = tenures.results(instance(), viewer(), _number())
    except shown.NothingToShow:
        return render_template("leadership/posts.html", prepared=None)
    codes = {figure.code for row in rows for figure in row.figures}
    names = {code: in_language(prepared.definition(code).name) for code in codes}
    return render_template(
        "leadership/posts.html", prepared=prepared, rows=rows, names=names, choices=_choices(), printed=_printed
    )


@pages.get("/objections")
@may_compare
def objections() -> ResponseReturnValue:
    """Every objection to the assessment and its earlier versions, with the outcome and the effect on the score."""
    try:
        prepared = shown.prepared(instance(), viewer(), number=_number(), action=Action.SEE_RANKING)
    except shown.NothingToShow:
        return render_template("leadership/objections.html", prepared=None)
    number = prepared.source.number
    with instance().session() as session:
        rows = review.list_objections(session, viewer=viewer(), numbers=cycle.versions_of(session, number))
    counts = {state: sum(row.state == state for row in rows) for state in OBJECTION_STATES}
    lines = {row.id: effect_lines(stored_effect(row.effect)) for row in rows}
    return render_template(
        "leadership/objections.html", prepared=prepared, rows=rows, counts=counts, lines=lines, states=OBJECTION_STATES,
        choices=_choices(),
    )  # fmt: skip


def _printed(code: str, value: float | None) -> str:
    """A value as its indicator prints it."""
    measure = definition(code).measure
    text = numbers.of_metric(value, measure)
    return text if value is None else text + measure_sign(measure)


def _number() -> int | None:
    return request.args.get("assessment", type=int)


def _choices() -> list[shown.Choice]:
    return shown.choices(instance(), viewer(), Action.SEE_RANKING)
