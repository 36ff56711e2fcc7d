"""The charts of an indicator's page and of a comparison."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext

from pipeline.views.indicators import Comparison, IndicatorView
from reports import numbers
from reports.charts import figures
from web.drawn import statistics_charts
from web.drawn.charts import Chart, Table, chart
from web.languages import in_language, language


def funnel(view: IndicatorView) -> Chart | None:
    """All units against the number of cases behind them; None for an indicator that is no rate."""
    found = view.funnel
    if found is None:
        return None
    rates: list[float | None] = list(found.rates)
    figure = figures.funnel(
        list(found.sizes), rates, found.centre, between=found.between, levels=found.levels, names=list(found.names),
        language=language(),
    )  # fmt: skip
    outside = gettext("横轴为样本量，横线为全市平均；点一下“交互图”可看到各点的单位名称。")
    label = gettext("样本量与%(name)s漏斗图", name=in_language(view.what.name))
    return chart("c-funnel", figure, label, wide=(1240, 360), paper=(760, 260), reading=outside)


def months(view: IndicatorView, labels: Sequence[str], unsettled: Sequence[int]) -> Chart | None:
    """The months of the whole city, inside their limits where there are enough; None with fewer than two."""
    if view.series is not None:
        return statistics_charts.months(view.series)
    if sum(value is not None for value in view.city) < 2:
        return None
    names = [numbers.month(label, language(), is_short=True) for label in labels]
    figure = figures.trend(
        names, list(view.city), name=gettext("全市"), is_rate=view.what.measure == "rate", target=view.target,
        is_higher_better=view.what.is_higher_better, unsettled=unsettled, language=language(),
    )  # fmt: skip
    rows = [[name, numbers.of_metric(value, view.what.measure)] for name, value in zip(names, view.city, strict=True)]
    table = Table(gettext("全市各月"), [(gettext("月份"), False), (gettext("全市"), True)], rows)
    label = gettext("%(name)s全市月度走势", name=in_language(view.what.name))
    return chart("c-months", figure, label, wide=(1240, 240), paper=(760, 150), table=table)


def scores(view: Comparison) -> Chart | None:
    """The scores of the compared units with their intervals; None when none has one."""
    cards = [card for card in view.cards if card.score is not None]
    if not cards:
        return None
    figure = figures.ranking(
        [card.name for card in cards], [card.score for card in cards], [card.low for card in cards],
        [card.high for card in cards], language=language(),
    )  # fmt: skip
    reading = gettext("横线为 95% 区间；区间重叠的单位之间差异不显著。")
    height = 90 + 42 * len(cards)
    return chart(
        "c-scores", figure, gettext("综合得分与区间"), wide=(1240, height), phone=(400, height), reading=reading,
        is_interactive=False,
    )  # fmt: skip
