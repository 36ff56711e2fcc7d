"""A scheme as its page shows it: the tree with weights, the way to points, the rules around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from flask import g
from flask_babel import gettext, lazy_gettext

from evaluation.rules.parameters import parameters
from evaluation.rules.scheme import Group, Indicator, Scheme
from pipeline.judgement.scheme_store import list_schemes
from reports import numbers
from reports.texts import say
from web.languages import in_language, language
from web.session import instance

STATUS_NAMES = {
    "official": lazy_gettext("官方口径"),
    "proposal": lazy_gettext("建议稿，非官方"),
}
METHOD_NAMES = {
    "goalposts": lazy_gettext("0 分值与满分值之间按直线计分"),
    "rate_x_full": lazy_gettext("比率乘以满分"),
    "steps": lazy_gettext("分档计分"),
    "minmax": lazy_gettext("同类单位中按最小值与最大值"),
    "rank": lazy_gettext("同类单位中按名次"),
    "zscore": lazy_gettext("同类单位中按标准分"),
    "deduction": lazy_gettext("按项扣分，扣完为止"),
    "target_distance": lazy_gettext("按与目标的距离"),
}
MISSING_NAMES = {
    "missing": lazy_gettext("记为缺失并写明原因"),
    "not_applicable": lazy_gettext("视为不适用"),
}


class Assessed(Protocol):
    """Anything that names the scheme of an assessment."""

    @property
    def scheme_id(self) -> str: ...

    @property
    def scheme_version(self) -> str: ...


@dataclass(frozen=True)
class Node:
    """A group or an indicator in the tree."""

    code: str
    title: str
    weight: float
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Leaf:
    """An indicator with its way to points, in words."""

    code: str
    title: str
    weight: float
    method: str
    zero: str
    full: str
    target: str
    missing: str


def scheme_name(entry: Assessed) -> str:
    """The scheme of an assessment as people call it: its title and version; its id where no file of it is left."""
    return f"{scheme_title(entry)} {entry.scheme_version}"


def scheme_title(entry: Assessed) -> str:
    """The title alone; the files are read once for a page."""
    if "scheme_titles" not in g:
        g.scheme_titles = {(found.id, found.version): found.title for found in list_schemes(instance())}
    return _title(g.scheme_titles.get((entry.scheme_id, entry.scheme_version)), entry.scheme_id)


def tree(scheme: Scheme) -> list[Node]:
    """The groups with what stands under them, the heaviest first; indicators without a group stand at the top."""
    return _children(scheme, None)


def leaves(scheme: Scheme) -> list[Leaf]:
    """The indicators in the order of their codes."""
    return [_leaf(indicator) for indicator in scheme.indicators]


def rules(scheme: Scheme) -> list[tuple[str, str]]:
    """Grades, vetoes, small numbers and uncertainty as terms and texts."""
    grades = "、".join(
        gettext("%(grade)s ≥ %(points)s", grade=_title(scheme.grades.titles.get(grade), grade), points=_plain(points))
        for grade, points in scheme.grades.cuts
    )
    vetoes = "；".join(
        gettext("%(title)s：最高 %(grade)s", title=_title(veto.title, veto.code), grade=veto.cap_grade)
        for veto in scheme.vetoes
    )
    small, chance = scheme.small_n, scheme.uncertainty
    return [
        (gettext("等次"), grades),
        (gettext("封顶条件"), vetoes),
        (gettext("加分"), "；".join(_title(item.title, item.code) for item in scheme.bonuses)),
        (gettext("扣分"), "；".join(_title(item.title, item.code) for item in scheme.deductions)),
        (gettext("同类组"), "；".join(_title(row.title, row.code) for row in scheme.compared)),
        (gettext("参考信息（不计分）"), "；".join(_title(row.title, row.code) for row in scheme.information)),
        (gettext("不显示数值"), gettext("少于 %(n)s 件", n=small.suppress)),
        (gettext("不排名、不定等次"), gettext("少于 %(n)s 件", n=small.rank)),
        (gettext("不确定性"), gettext("模拟 %(draws)s 次，随机种子 %(seed)s", draws=chance.draws, seed=chance.seed)),
        (gettext("方法参数"), _parameters(scheme)),
        (gettext("指纹（SHA-256）"), scheme.sha256),
    ]


def _parameters(scheme: Scheme) -> str:
    """Every parameter by its name in the documents, with the value that holds."""
    rows = parameters(scheme.document)
    named = [(say(language(), f"parameter.{row.name}"), row.value) for row in rows if row.value is not None]
    return gettext("；").join(f"{name} {value:.12g}" for name, value in named if isinstance(value, int | float))


def _children(scheme: Scheme, parent: str | None) -> list[Node]:
    groups = [_group_node(scheme, group) for group in scheme.groups if group.parent == parent]
    indicators = [_indicator_node(indicator) for indicator in scheme.indicators if indicator.group == parent]
    return sorted([*groups, *indicators], key=lambda node: (-node.weight, node.code))


def _group_node(scheme: Scheme, group: Group) -> Node:
    return Node(group.id, _title(group.title, group.id), group.weight, _children(scheme, group.id))


def _indicator_node(indicator: Indicator) -> Node:
    return Node(indicator.code, _title(indicator.title, ""), indicator.weight)


def _leaf(indicator: Indicator) -> Leaf:
    return Leaf(
        code=indicator.code,
        title=_title(indicator.title, ""),
        weight=indicator.weight,
        method=str(METHOD_NAMES.get(indicator.method, indicator.method)),
        zero=_plain(indicator.zero),
        full=_plain(indicator.full),
        target=_plain(indicator.target),
        missing=str(MISSING_NAMES.get(indicator.without_cases, indicator.without_cases)),
    )


def _title(title: object, fallback: str) -> str:
    return in_language(title) or fallback if title else fallback


def _plain(value: float | None) -> str:
    return numbers.MISSING if value is None else f"{value:g}"
