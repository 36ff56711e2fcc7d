"""The map: one indicator across the areas of a boundary file, with the same numbers as a table below it."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from pipeline.house import boundaries
from pipeline.house.boundaries import BoundariesRefused
from pipeline.views import overview, shown
from records.access import Action
from web.drawn import maps
from web.forms.map import BoundariesForm
from web.session import for_action, instance, viewer

pages = Blueprint("map", __name__, url_prefix="/map")


@pages.get("")
@for_action(Action.SEE_RANKING)
def show() -> ResponseReturnValue:
    """`?indicator=` chooses what is coloured; 404 while there are no boundaries."""
    outlines = boundaries.outlines(instance()) or abort(404)
    try:
        prepared = shown.prepared(
            instance(), viewer(), number=request.args.get("assessment", type=int), action=Action.SEE_RANKING
        )
    except shown.NothingToShow:
        return render_template("map/show.html", heat=None)
    heat = overview.heat_map(prepared)
    wanted = request.args.get("indicator", "")
    codes = [code for code, _ in heat.columns]
    code = wanted if wanted in codes else next(iter(codes), None)
    if code is None:
        return render_template("map/show.html", heat=None)
    areas = maps.coloured(outlines, heat, code)
    return render_template(
        "map/show.html",
        heat=heat,
        code=code,
        name=dict(heat.columns)[code],
        places=areas,
        drawing=maps.drawing(outlines, areas, prepared.source.number),
        number=prepared.source.number,
        period=prepared.source.assessment.period,
    )


@pages.post("/boundaries")
@for_action(Action.OPERATE)
def add() -> ResponseReturnValue:
    """Keep a file of boundaries and say which areas found their unit."""
    form = BoundariesForm()
    if not form.validate_on_submit():
        flash(gettext("请选择文件。"), "error")
        return redirect(url_for("directory.index"), 303)
    try:
        matched, strange = boundaries.keep(instance(), viewer(), form.file.data.read(boundaries.MOST_BYTES + 1))
    except BoundariesRefused as error:
        flash(_sentence(error), "error")
        return redirect(url_for("directory.index"), 303)
    flash(gettext("边界已保存：%(n)s 个区域对应到单位。", n=matched), "ok")
    if strange:
        names = "、".join(strange[:10])
        flash(gettext("%(n)s 个区域没有对应的单位：%(names)s。", n=len(strange), names=names), "error")
    return redirect(url_for("directory.index"), 303)


@pages.post("/boundaries/remove")
@for_action(Action.OPERATE)
def remove() -> ResponseReturnValue:
    boundaries.remove(instance(), viewer())
    flash(gettext("边界已移除，地图不再显示。"), "ok")
    return redirect(url_for("directory.index"), 303)


def _sentence(error: BoundariesRefused) -> str:
    found = error.detail
    return {
        "too_large": gettext("文件太大：不超过 %(n)s MB。", n=found.get("most")),
        "unreadable": gettext("文件读不出来：需要 GeoJSON（FeatureCollection，Polygon 或 MultiPolygon，经纬度坐标）。"),
        "empty": gettext("文件里没有区域。"),
        "too_many": gettext("区域或坐标点太多（共 %(n)s 个点），请先简化。", n=found.get("points")),
    }[error.code]
