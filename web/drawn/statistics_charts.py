"""The chart of the statistics page: the months of an indicator inside their natural limits."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext

from pipeline.views.statistics_view import Series
from reports import numbers
from reports.charts import figures
from web.drawn.charts import Chart, Table, chart
from web.languages import in_language, language

RULES = {
    "outside": lazy_gettext("超出界限"),
    "one_side": lazy_gettext("连续 7 个月在平均线同侧"),
    "one_way": lazy_gettext("连续 7 个月同向变化"),
    "near_limit": lazy_gettext("3 个月中有 2 个月接近界限"),
}


def months(series: Series) -> Chart:
    """The series with limits and notable months, its table and its reading."""
    measure, limits = series.what.measure, series.limits
    labels = [numbers.month(month, language(), is_short=True) for month in series.months]
    if len({month[:4] for month in series.months}) > 1:
        labels = [f"{month[2:4]}-{month[5:7]}" for month in series.months]
    names = (in_language(series.what.name), gettext("平均"), gettext("自然波动界限"))
    figure = figures.control(
        labels, list(series.values), lower=limits.lower, centre=limits.centre, upper=limits.upper, names=names,
        is_rate=measure == "rate", notable=sorted({place for place, _, _ in series.rules}), language=language(),
    )  # fmt: skip
    told = {place: str(RULES[rule]) for place, rule, _ in reversed(series.rules)}
    rows = [
        [label, *(numbers.of_metric(v, measure) for v in (series.values[i], limits.lower[i], limits.upper[i])),
         told.get(i, "—")]
        for i, label in enumerate(labels)
    ]  # fmt: skip
    heads = [(gettext("月份"), False), (names[0], True), (gettext("下限"), True), (gettext("上限"), True),
             (gettext("判断"), False)]  # fmt: skip
    table = Table(gettext("%(name)s各月与界限", name=names[0]), heads, rows)
    label = gettext("%(name)s各月与自然波动界限", name=names[0])
    return chart("c-limits", figure, label, wide=(1240, 280), paper=(760, 150), phone=(400, 280), table=table,
                 reading=in_language(series.reading))  # fmt: skip
