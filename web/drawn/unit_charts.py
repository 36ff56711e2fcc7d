"""The charts of a scorecard: figures of `reports.charts` with labels, tables and reading lines of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

from evaluation.rules.parameters import uncertainty_of
from pipeline.views import card_parts, funnels, overview, scorecards
from pipeline.views.prepared import Prepared
from pipeline.views.scorecards import Scorecard, Tile
from reports import numbers
from reports.charts import figures
from reports.texts import say
from web.drawn import drawings
from web.drawn.charts import Chart, Table, chart
from web.languages import in_language, language
from web.navigation import href

HALF_SHEET = (440, 168)  # two charts side by side on paper, so that a scorecard is two sheets
LEVELS = ("5", "4", "3", "2", "1", "default", "unrated")


@dataclass(frozen=True)
class TileLinks:
    """Where the figures of a tile lead; None where this installation has no such page or the viewer no right."""

    records: str | None
    formula: str | None


@dataclass(frozen=True)
class CardLinks:
    """Where the notes at the foot of a card lead; None where the viewer may not go there."""

    findings: str | None
    objections: str | None
    exclusions: str | None
    compare: str | None


@dataclass(frozen=True)
class CardCharts:
    """Every drawing of the page; None where there is nothing to draw."""

    rank_level: str  # of the intervals of ranks, as 90%
    track: Markup
    track_phone: Markup
    sparks: dict[str, Markup]
    links: dict[str, TileLinks]
    open_link: str | None
    records_link: str | None
    about: CardLinks
    strip: Chart | None
    strip_hint: str
    funnel: Chart | None
    funnel_name: str
    trend: Chart | None
    satisfaction: Chart | None
    claimed: Chart | None
    backlog: Chart | None


def all_charts(prepared: Prepared, card: Scorecard, tile: Tile | None, *, is_anonymous: bool) -> CardCharts:
    """Draw the page. A unit that looks at itself sees quantiles of its peers, never single ones."""
    bands = [(in_language(title), size) for title, size in overview.band_sizes(prepared, card.group)]
    level = numbers.level(uncertainty_of(prepared.source.scheme).rank_interval)
    places = (card.ranked, card.rank_low, card.rank_high, card.rank, bands)
    drawn_funnel, funnel_name = funnel(prepared, card, is_anonymous=is_anonymous)
    hint = gettext("灰点为同类单位的分位数（10、25、50、75、90%），右侧数字为本单位（%）")
    if not is_anonymous:
        hint = gettext("每个灰点是一家同类单位，右侧数字为本单位（%）")
    return CardCharts(
        rank_level=level,
        track=drawings.rank_track(*places, level=level),
        track_phone=drawings.rank_track(*places, level=level, width=330),
        sparks={t.code: _spark(t) for t in card.tiles},
        links={t.code: _links(card, t.code) for t in card.tiles},
        records_link=href("records.index", unit=card.unit, period=card.period),
        about=_about(card),
        open_link=href("records.index", unit=card.unit, period=card.period, state="not_closed"),
        strip=strip(prepared, card, is_anonymous=is_anonymous),
        strip_hint=hint,
        funnel=drawn_funnel,
        funnel_name=funnel_name,
        trend=trend(prepared, card, tile) if tile else None,
        satisfaction=satisfaction(card),
        claimed=claimed(card),
        backlog=backlog(card),
    )


def _links(card: Scorecard, code: str) -> TileLinks:
    records = href("records.index", unit=card.unit, period=card.period, indicator=code, assessment=card.number)
    across = href("indicators.show", code=code, assessment=card.number)
    return TileLinks(records, across or href("methods.index", _anchor=code))


def _about(card: Scorecard) -> CardLinks:
    return CardLinks(
        findings=href("findings.index", unit=card.unit),
        objections=href("objections.index", unit=card.unit, assessment=card.number),
        exclusions=href("exclusions.index", unit=card.unit),
        compare=href("compare.show", unit=card.unit, assessment=card.number),
    )


def _spark(tile: Tile) -> Markup:
    known = [v for v in tile.months if v is not None]
    if not known:
        return Markup("")
    ends = {end: numbers.of_metric(v, tile.measure) for end, v in (("first", known[0]), ("last", known[-1]))}
    label = gettext("%(name)s各月走势，从%(first)s到%(last)s", name=in_language(tile.name), **ends)
    return drawings.spark(tile.months[-12:], tile.target, label)


def strip(prepared: Prepared, card: Scorecard, *, is_anonymous: bool) -> Chart | None:
    """All rates of the unit, each among its peers."""
    rates = [tile for tile in card.main_tiles if tile.measure == "rate" and tile.value is not None]
    tiles = [tile for tile in rates if tile.is_higher_better]
    if not tiles:
        return None
    peers: list[list[float | None]] = [
        list(scorecards.peer_values(prepared, card, tile.code, is_anonymous=is_anonymous)) for tile in tiles
    ]
    names = [in_language(tile.name) for tile in tiles]
    figure = figures.peer_strip(names, [tile.value for tile in tiles], peers, language=language())
    columns = [gettext("本单位"), gettext("下四分位"), gettext("中位数"), gettext("上四分位")]
    rows = [
        [name, *(numbers.rate(v) for v in (t.value, t.peer_low, t.peer_median, t.peer_high))]
        for name, t in zip(names, tiles, strict=True)
    ]
    table = Table(gettext("与同类单位比较（%）"), _heads(gettext("指标"), columns), rows)
    label = gettext("%(unit)s各指标与同类单位比较", unit=card.name)
    return chart("c-strip", figure, label, wide=(620, max(350, 60 + 42 * len(tiles))), paper=HALF_SHEET, table=table)


def funnel(prepared: Prepared, card: Scorecard, *, is_anonymous: bool) -> tuple[Chart | None, str]:
    """The resolution rate, else the heaviest rate, against the number of cases behind it; with its name."""
    rates = [tile for tile in card.tiles if tile.measure == "rate" and tile.value is not None]
    rates.sort(key=lambda tile: (tile.code != scorecards.CONFIRMED, -tile.effective_weight))
    found = next((f for tile in rates if (f := funnels.funnel(prepared, card.unit, tile.code))), None)
    if found is None or found.own is None:
        return None, ""
    shown_rates: list[float | None] = list(found.rates)
    sizes, own, names = list(found.sizes), found.own, list(found.names)
    if is_anonymous:
        sizes, shown_rates, own, names = [sizes[own]], [shown_rates[own]], 0, []
    figure = figures.funnel(
        sizes, shown_rates, found.centre, own=own, between=found.between, levels=found.levels, names=names or None,
        language=language(),
    )  # fmt: skip
    name = in_language(found.name)
    label = gettext("样本量与%(name)s漏斗图", name=name)
    return chart("c-funnel", figure, label, paper=HALF_SHEET, reading=in_language(found.reading)), name


def trend(prepared: Prepared, card: Scorecard, tile: Tile) -> Chart | None:
    """The months of one indicator against the peers and the target."""
    if sum(v is not None for v in tile.months) < 2:
        return None
    peers = prepared.peer_series(card.group, tile.code)
    is_rate = tile.measure == "rate"
    labels = _month_labels(card.months)
    told = card_parts.notability(prepared, card.unit, tile.code)
    drawn = peers if any(v is not None for v in peers) else None
    figure = figures.trend(
        labels, list(tile.months), name=card.name, peers=drawn, target=tile.target, is_rate=is_rate,
        is_higher_better=tile.is_higher_better, notable=[card.months.index(m.month) for m in told.months],
        unsettled=prepared.unsettled(tile.code), language=language(),
    )  # fmt: skip
    name = in_language(tile.name)
    rows = [
        [month, numbers.of_metric(own, tile.measure), numbers.of_metric(peer, tile.measure)]
        for month, own, peer in zip(labels, tile.months, peers, strict=True)
    ]
    heads = _heads(gettext("月份"), [gettext("本单位"), gettext("同类中位数")])
    table = Table(gettext("%(name)s各月数据", name=name), heads, rows)
    label = gettext("%(name)s月度走势", name=name)
    return chart(
        "c-trend", figure, label, wide=(1240, 300), paper=(760, 130), phone=(400, 285), table=table,
        reading=in_language(told.reading),
    )  # fmt: skip


def satisfaction(card: Scorecard) -> Chart | None:
    """The five levels with default and unrated, as shares of all cases."""
    total = sum(card.satisfaction.values())
    if not total:
        return None
    figure = figures.satisfaction([card.name], [card.satisfaction], language=language())
    figure["layout"]["yaxis"] = {**figure["layout"]["yaxis"], "tickvals": [], "ticktext": []}
    rows = [
        [say(language(), f"satisfaction.{level}"), numbers.count(n), numbers.percent(n / total)]
        for level in LEVELS
        if (n := card.satisfaction.get(level, 0))
    ]
    table = Table(gettext("满意度各档"), _heads(gettext("档次"), [gettext("件数"), gettext("占比")]), rows)
    return chart(
        "c-satisfaction", figure, gettext("满意度各档占比"), wide=(620, 130), phone=(400, 130), paper=(440, 84),
        table=table,
        is_interactive=False,
    )  # fmt: skip


def claimed(card: Scorecard) -> Chart | None:
    """What the unit reports as resolved beside what citizens confirm."""
    if card.claimed is None or card.confirmed is None:
        return None
    figure = figures.claimed_confirmed([gettext("解决率")], [card.claimed], [card.confirmed], language=language())
    gap = numbers.percent_points(card.confirmed - card.claimed)
    reading = gettext(
        "单位自报 %(claimed)s，回访核实 %(confirmed)s，相差 %(gap)s 个百分点。",
        claimed=numbers.percent(card.claimed), confirmed=numbers.percent(card.confirmed), gap=gap,
    )  # fmt: skip
    return chart(
        "c-claimed", figure, gettext("自报与核实的解决率"), wide=(620, 120), phone=(400, 130), paper=(440, 76),
        reading=reading,
        is_interactive=False,
    )  # fmt: skip


def backlog(card: Scorecard) -> Chart | None:
    """Open cases by age."""
    if not card.backlog:
        return None
    ages = [in_language(age) for age, _ in card.backlog]
    cases = [n for _, n in card.backlog]
    figure = figures.backlog(ages, cases, language=language())
    rows = [[age, numbers.count(n)] for age, n in zip(ages, cases, strict=True)]
    table = Table(gettext("未办结件数"), _heads(gettext("时长"), [gettext("件数")]), rows)
    return chart(
        "c-backlog", figure, gettext("未办结件按时长"), wide=(620, 230), phone=(400, 230), paper=(440, 150),
        table=table,
        is_interactive=False,
    )  # fmt: skip


def _month_labels(months: Sequence[str]) -> list[str]:
    """Short month names; with more than a year each January names its year."""
    if len({month[:4] for month in months}) == 1:
        return [numbers.month(month, language(), is_short=True) for month in months]
    return [f"{month[2:4]}-{month[5:7]}" for month in months]


def _heads(first: str, others: Sequence[str]) -> list[tuple[str, bool]]:
    return [(first, False), *((text, True) for text in others)]
