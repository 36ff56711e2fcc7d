"""Shared demands of a period: how many different people stand behind near-equal cases of one place."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from metrics.clocks.period import PeriodError
from pipeline.numbers.counting import newest_month
from pipeline.numbers.demands import shared_demands
from records.access import MATRIX, Action, Reach
from records.queries import units
from web.forms.demands import DemandForm
from web.forms.periods import NOT_READABLE
from web.session import for_roles, instance, viewer
from web.words import codes

pages = Blueprint("demands", __name__, url_prefix="/demands")
may_see_all = for_roles(*(role for role, granted in MATRIX.items() if granted.get(Action.SEE_CASE_TEXT) is Reach.ALL))
MOST = 100


@pages.get("")
@may_see_all
def index() -> ResponseReturnValue:
    form = DemandForm(request.args)
    if not form.period.data:
        form.period.data = newest_month(instance()) or ""
    found = []
    if form.period.data and form.validate():
        try:
            found = shared_demands(instance(), form.period.data, least_cases=form.least.data or 2)
        except PeriodError:
            form.period.errors = [NOT_READABLE]
    with instance().session() as session:
        names = {unit.code: unit.name for unit in units.list_units(session, viewer=viewer())}
    return render_template(
        "demands/index.html", form=form, found=found[:MOST], total=len(found), unit_names=names, word=codes.word
    )
