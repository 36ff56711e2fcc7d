"""The start page: what to do next for the role, and the city where the viewer may see it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from pipeline.house.first_steps import first_steps
from pipeline.house.state_of_house import state_of_house
from pipeline.views import overview, shown
from pipeline.views.prepared import Prepared
from records.access import Action, can
from records.vocabulary import Role
from web import kept
from web.drawn import overview_charts
from web.session import instance, signed_in, viewer
from web.shown import tasks

pages = Blueprint("overview", __name__)


@pages.get("/")
@signed_in
def show() -> ResponseReturnValue:
    """The start page of the viewer's role; a unit head goes straight to the own unit's card."""
    seen = viewer()
    to_do = tasks.tasks(instance(), seen)
    if seen.role is Role.UNIT_HEAD and sum(not task.is_due for task in to_do) == 1:
        return redirect(next(task.href for task in to_do if not task.is_due))  # what waits stands on the card itself
    common = {"tasks": to_do, "first_steps": first_steps(instance(), seen)}
    if not can(seen, Action.SEE_RANKING):
        house = state_of_house(instance(), seen) if can(seen, Action.OPERATE) else None
        return render_template("overview/show.html", view=None, choices=[], house=house, **common)
    choices = shown.choices(instance(), seen, Action.SEE_RANKING)
    number = request.args.get("assessment", type=int)
    try:
        prepared = shown.prepared(
            instance(),
            seen,
            number=number,
            period=request.args.get("period") or None,
            action=Action.SEE_RANKING,
            among=choices,
        )
    except shown.NothingToShow:
        return render_template("overview/show.html", view=None, choices=choices, **common)
    return render_template(
        "overview/show.html",
        view=overview.heading(prepared),
        choices=choices,
        body=kept.body(prepared, lambda: _city(prepared)),
        **common,
    )


def _city(prepared: Prepared) -> str:
    view = overview.overview(prepared)
    return render_template(
        "overview/_city.html",
        view=view,
        bands={group.code: overview_charts.band_bar(group) for group in view.groups},
        month_bars=overview_charts.month_bars(view.coverage),
    )
