"""The bar at the top: which areas a role finds there."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.routing import BuildError

from pipeline.house import boundaries, notices
from pipeline.views import open_page
from records.vocabulary import Role
from web.session import allowed_roles

# area (first part of the address), text, endpoint
AREAS = (
    ("", lazy_gettext("总览"), "overview.show"),
    ("units", lazy_gettext("单位评价"), "units.directory"),
    ("ranking", lazy_gettext("分档"), "ranking.show"),
    ("indicators", lazy_gettext("指标"), "indicators.index"),
    ("numbers", lazy_gettext("指标查询"), "numbers.index"),
    ("compare", lazy_gettext("比较"), "compare.show"),
    ("map", lazy_gettext("地图"), "map.show"),
    ("records", lazy_gettext("工单"), "records.index"),
    ("demands", lazy_gettext("共同诉求"), "demands.index"),
    ("uploads", lazy_gettext("数据上传"), "uploads.index"),
    ("assessments", lazy_gettext("评价"), "assessments.index"),
    ("objections", lazy_gettext("异议"), "objections.index"),
    ("exclusions", lazy_gettext("剔除台账"), "exclusions.index"),
    ("bonuses", lazy_gettext("加分"), "bonuses.index"),
    ("leadership", lazy_gettext("班子评价"), "leadership.show"),
    ("appraisals", lazy_gettext("考核对照表"), "appraisals.index"),
    ("rectification", lazy_gettext("整改"), "rectification.index"),
    ("findings", lazy_gettext("线索核实"), "findings.index"),
    ("findings", lazy_gettext("单位说明"), "findings.asked"),
    ("samples", lazy_gettext("抽样核查"), "samples.index"),
    ("surges", lazy_gettext("增多提醒"), "surges.show"),
    ("rubrics", lazy_gettext("评分"), "rubrics.index"),
    ("reports", lazy_gettext("报告"), "reports.index"),
    ("inbox", lazy_gettext("收件箱"), "inbox.index"),
    ("methods", lazy_gettext("指标与方法"), "methods.index"),
    ("schemes", lazy_gettext("评价方案"), "schemes.index"),
    ("directory", lazy_gettext("单位名录"), "directory.index"),
    ("calendars", lazy_gettext("日历与时限"), "calendars.index"),
    ("layouts", lazy_gettext("数据源模板"), "layouts.index"),
    ("people", lazy_gettext("人员"), "people.index"),
    ("audit", lazy_gettext("审计"), "audit.index"),
    ("open", lazy_gettext("公开页"), "open.index"),
    ("help", lazy_gettext("帮助"), "help.index"),
)

# What everybody's daily work is stands in the bar; the rest opens under "more", so that the bar fits a desk.
IN_THE_BAR = {"", "units", "ranking", "records", "uploads", "assessments", "findings", "objections", "reports"}


def areas() -> list[dict[str, object]]:
    """The areas the viewer may open, the current one marked."""
    seen = g.get("viewer")
    if seen is None:
        return []
    here = request.path.strip("/").split("/")[0]
    return [
        {"text": text, "href": url_for(endpoint), "is_current": here == area, "is_more": area not in IN_THE_BAR}
        for area, text, endpoint in AREAS
        if endpoint in current_app.view_functions and _may_open(endpoint, seen.role) and _has_something(endpoint)
    ]


def _has_something(endpoint: str) -> bool:
    """A map stands in the bar only where boundaries were given, the open page where it is switched on."""
    here = current_app.extensions["wenxiao"]
    if endpoint == "map.show":
        return boundaries.exists(here)
    return endpoint != "open.index" or open_page.is_shown(here)


def _may_open(endpoint: str, role: Role) -> bool:
    roles = allowed_roles(current_app, endpoint)
    return roles is None or role in roles


def href(endpoint: str, **values: Any) -> str | None:
    """The address of a page, or None when there is no such page or the viewer's role may not open it."""
    seen = g.get("viewer")
    if seen is not None and endpoint in current_app.view_functions and not _may_open(endpoint, seen.role):
        return None
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return None


def count_new() -> int:
    """How many notices the viewer has not seen."""
    return notices.count_new(current_app.extensions["wenxiao"], g.viewer)


def role_name(role: Role | str) -> str:
    """What a role is called on the pages."""
    return {
        Role.ADMIN: gettext("管理员"),
        Role.ASSESSOR: gettext("评估人员"),
        Role.UNIT_HEAD: gettext("单位负责人"),
        Role.ORG_DEPT: gettext("组织部"),
        Role.AUDITOR: gettext("审计员"),
    }[Role(role)]


def guide(app: Flask) -> None:
    """Make the areas known to the templates."""
    app.context_processor(
        lambda: dict(areas=areas, href=href, role_name=role_name, viewer=g.get("viewer"), count_new=count_new)
    )
