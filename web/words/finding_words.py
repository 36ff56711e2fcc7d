"""What the codes of findings, their evidence and the refusals of the desk are called on the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import gettext, lazy_gettext
from markupsafe import Markup

from integrity.rules.catalogue import detectors
from integrity.rules.finding import DISCLAIMER
from pipeline.integrity.outcome import Entry, Outcome
from pipeline.integrity.shown import CLOSED
from records.vocabulary import CASE_FIELDS
from reports import numbers
from web import formats
from web.languages import in_language
from web.names import person
from web.words import codes

STATES = {
    "open": lazy_gettext("待处理"), "asked": lazy_gettext("已询问单位"), "answered": lazy_gettext("单位已说明"),
    "explained": lazy_gettext("已有合理解释"), "confirmed": lazy_gettext("已核实"),
    "data_error": lazy_gettext("数据差错"),
}  # fmt: skip
CONFIRMED_AS = {
    "": lazy_gettext("（不对应方案中的扣分或否决项）"), "untrue_records": lazy_gettext("记录与事实不符"),
    "forced_rating": lazy_gettext("强迫或干扰评价"), "identity_leak": lazy_gettext("泄露诉求人信息"),
    "site_security": lazy_gettext("网站安全事件"), "site_unreachable": lazy_gettext("网站无法访问"),
    "home_stale": lazy_gettext("首页不更新"), "columns_stale": lazy_gettext("栏目不更新"),
    "no_interaction": lazy_gettext("无法留言互动"), "service_useless": lazy_gettext("服务不实用"),
    "media_stale": lazy_gettext("政务微博、微信不更新"), "app_stale": lazy_gettext("政务移动客户端不更新"),
    "media_silent": lazy_gettext("政务新媒体无有效互动"),
}  # fmt: skip
REFUSALS = {
    "no_such_assessor": lazy_gettext("没有这位评估人员，请从名单中选择。"),
    "no_unit": lazy_gettext("这条线索不针对单位，无法询问。"),
    "asked_already": lazy_gettext("已经询问过该单位。"),
    "no_such_finding": lazy_gettext("没有这条线索。"),
    "not_asked": lazy_gettext("这条线索没有在等待单位说明。"),
    "reason_missing": lazy_gettext("请写明理由，它会记入审计记录。"),
    "no_such_outcome": lazy_gettext("请选择一种结论。"),
    "unit_not_heard": lazy_gettext("须先询问单位，收到说明或过了期限，才能认定为已核实。"),
    "not_decided": lazy_gettext("这条线索还没有结论。"),
    "decided_already": lazy_gettext("这条线索已有结论；如需更改，请先重新打开。"),
    "unknown_result": lazy_gettext("结果只能是：已解决、部分解决、未解决、未联系上。"),
    "unknown_place": lazy_gettext("样本中没有这个序号。"),
}
FAMILIES = {
    "records": lazy_gettext("记录"), "time": lazy_gettext("时间"), "text": lazy_gettext("文字"),
    "citizen_voice": lazy_gettext("群众声音"), "ratings": lazy_gettext("满意度评价"),
}  # fmt: skip
TABLES = {
    "two_sources": lazy_gettext("两种来源的满意率"), "batches": lazy_gettext("同一分钟办结的批次"),
    "hours": lazy_gettext("好评最多的小时"), "silences": lazy_gettext("无人答复的时段"),
    "months": lazy_gettext("各月计数"), "registers": lazy_gettext("两个登记系统"),
    "second_key": lazy_gettext("时限前办结的件与其他件，回访未解决的情况"),
    "contrast_other_unanswered": lazy_gettext("投诉举报与其他类型的留言，没有答复的情况"),
    "contrast_happy_excluded": lazy_gettext("不满意件与其他件，被剔除的情况"),
    "bursts": lazy_gettext("集中的答卷（不含任何身份信息）"), "observations": lazy_gettext("各次导出中的记录"),
    "path": lazy_gettext("工单的流转"), "ledger": lazy_gettext("剔除、延期与挂账"),
    "timeline": lazy_gettext("工单的时间线"), "limit": lazy_gettext("办结时用去的时限"),
    "minutes": lazy_gettext("办结时刻的分钟数"),
    "both_ratings": lazy_gettext("首次评价与最后评价（件数）"), "levels": lazy_gettext("评价等级与没有评价的件"),
    "contacts": lazy_gettext("两次评价之间的联系"), "chains": lazy_gettext("同一反映人的前后工单（不含任何身份信息）"),
    "by_type": lazy_gettext("各类留言的答复情况"), "by_topic": lazy_gettext("各类事项的拒绝或指向他处"),
    "promises": lazy_gettext("承诺的原句与日期"), "signed": lazy_gettext("落款日期与系统时间"),
    "checklist": lazy_gettext("六项要素"), "decisions": lazy_gettext("剔除台账"),
    "lacking": lazy_gettext("哪次导出有过、哪次导出没有"),
    "checks": lazy_gettext("检查所见的渠道"), "gaps": lazy_gettext("没有出现的号码"),
}  # fmt: skip
COLUMNS = {
    "source": lazy_gettext("来源"), "rated": lazy_gettext("评价数"), "satisfied": lazy_gettext("满意"),
    "share": lazy_gettext("占比"), "minute": lazy_gettext("所在分钟"), "cases": lazy_gettext("件数"),
    "good": lazy_gettext("满意及以上"), "not_good": lazy_gettext("基本满意及以下"),
    "hour": lazy_gettext("所在小时"), "ratings": lazy_gettext("好评数"), "channel": lazy_gettext("渠道类型"),
    "since": lazy_gettext("自"), "until": lazy_gettext("至"), "days": lazy_gettext("天数"),
    "waiting": lazy_gettext("等待的留言"), "month": lazy_gettext("月次"), "in_time_n": lazy_gettext("有时限"),
    "in_time_hits": lazy_gettext("按时"), "solved_n": lazy_gettext("有解决意见"), "solved_hits": lazy_gettext("已解决"),
    "satisfied_n": lazy_gettext("有评价"), "satisfied_hits": lazy_gettext("满意"), "first": lazy_gettext("登记系统一"),
    "second": lazy_gettext("登记系统二"), "in_first": lazy_gettext("系统一件数"),
    "in_second": lazy_gettext("系统二件数"), "in_both": lazy_gettext("两者都有"), "estimate": lazy_gettext("估计总数"),
    "part": lazy_gettext("部分"), "known": lazy_gettext("件数"), "unsolved": lazy_gettext("未解决"),
    "shows": lazy_gettext("出现该情形"), "answers": lazy_gettext("答卷数"),
    "same_source": lazy_gettext("来自同一设备"), "too_fast": lazy_gettext("填写过快"), "batch": lazy_gettext("批次"),
    "exported_at": lazy_gettext("导出时间"), "sheet": lazy_gettext("工作表"), "row_no": lazy_gettext("行号"),
    "name": lazy_gettext("渠道名称"), "what": lazy_gettext("所见情况"), "checked": lazy_gettext("检查日期"),
    "limit": lazy_gettext("限值"), "item": lazy_gettext("对应的单项否决"), "beginning": lazy_gettext("号码前段"),
    "before": lazy_gettext("之前的号码"), "after": lazy_gettext("之后的号码"), "day_before": lazy_gettext("之前的日期"),
    "day_after": lazy_gettext("之后的日期"), "missing": lazy_gettext("缺号"),
    "chain": lazy_gettext("链号"), "unit": lazy_gettext("单位"), "messages": lazy_gettext("留言数"),
    "answered": lazy_gettext("已答复"), "share_low": lazy_gettext("区间下限"), "share_high": lazy_gettext("区间上限"),
    "share_peers": lazy_gettext("同类单位"), "median_hours": lazy_gettext("答复用时中位数（小时）"),
    "replies": lazy_gettext("答复数"), "refused": lazy_gettext("拒绝或指向他处"),
    "promise": lazy_gettext("承诺的句子"), "promised_day": lazy_gettext("承诺的日期"),
    "signed_on": lazy_gettext("落款日期"), "days_later": lazy_gettext("晚几天"),
    "days_to_sending": lazy_gettext("落款到发出的天数"), "case": lazy_gettext("工单编号"),
    "unit_named": lazy_gettext("单位名称"), "contact": lazy_gettext("联系人"), "any_date": lazy_gettext("日期"),
    "measure": lazy_gettext("措施"), "law": lazy_gettext("依据"), "deadline": lazy_gettext("时限"),
    "elements": lazy_gettext("要素数"), "ground": lazy_gettext("理由"), "applied_by": lazy_gettext("申请人"),
    "applied_at": lazy_gettext("申请时间"), "decision": lazy_gettext("状态"), "decided_by": lazy_gettext("批准人"),
    "decided_at": lazy_gettext("批准时间"), "score_before": lazy_gettext("剔除前得分"),
    "score_after": lazy_gettext("剔除后得分"),
    "seen_in": lazy_gettext("最后见于的导出"), "seen_at": lazy_gettext("该次导出时间"),
    "lacking_in": lazy_gettext("之后没有它的导出"), "lacking_at": lazy_gettext("后一次导出时间"),
    "state_then": lazy_gettext("最后所见状态"),
    "register": lazy_gettext("登记系统"), "case_no": lazy_gettext("工单编号"), "category": lazy_gettext("分类"),
}  # fmt: skip
CELLS = {
    "own": lazy_gettext("自行回访"), "third": lazy_gettext("第三方抽样"), "inside": lazy_gettext("时限最后办结的件"),
    "outside": lazy_gettext("其他办结的件"), "here": lazy_gettext("线索所指的件"), "elsewhere": lazy_gettext("其他件"),
    "unreachable": lazy_gettext("无法访问"), "stale": lazy_gettext("超期未更新"),
    "columns": lazy_gettext("栏目超期"), "no_message": lazy_gettext("测试留言未成功"),
    "no_answer": lazy_gettext("超期未答复"), "yes": lazy_gettext("有"),
    "still_open": lazy_gettext("未办结"), "ended": lazy_gettext("已办结"), "withheld": lazy_gettext("不显示"),
}  # fmt: skip
LEVELS = {
    **{f"rating_{n}": codes.RATINGS[n] for n in range(1, 6)}, "n_default_rated": lazy_gettext("系统默认"),
    **{f"n_rating_{n}": codes.RATINGS[n] for n in range(1, 6)}, "unrated": lazy_gettext("没有评价"),
}  # fmt: skip
LABELS = frozenset({"row_no", "batch", "chain", "month"})  # numbers that name a thing: no separator of thousands
DECISIONS = {
    "applied": lazy_gettext("已申请"), "approved": lazy_gettext("已批准"), "refused": lazy_gettext("未批准"),
    "withdrawn": lazy_gettext("已撤回"),
}  # fmt: skip
CLAIMS = (lazy_gettext("单位报已解决"), lazy_gettext("单位报部分解决"), lazy_gettext("单位报其他结果"))
VOICES = (lazy_gettext("群众说已解决"), lazy_gettext("部分解决"), lazy_gettext("未解决"), lazy_gettext("没有意见"))
SAMPLE_RESULTS = {
    "yes": lazy_gettext("已解决"), "partly": lazy_gettext("部分解决"), "no": lazy_gettext("未解决"),
    "unreachable": lazy_gettext("未联系上"),
}  # fmt: skip


def detector_name(key: str) -> str:
    """A detector with its code, in the language of the page."""
    found = detectors().get(key)
    return f"{key.partition('.')[0]} {in_language(found.name)}" if found else key


def named_by(row: Any) -> str:
    """Why a finding names its unit: a rule about single records, or two kinds of evidence that agree."""
    return gettext("凭记录本身") if row.document.get("is_deterministic") else gettext("两项依据")


def column(name: str) -> str:
    """The heading of a column of an evidence table."""
    known = COLUMNS.get(name) or LEVELS.get(name)
    if known is not None:
        return str(known)[:1].upper() + str(known)[1:]
    return codes.field_label(CASE_FIELDS[name]) if name in CASE_FIELDS else name


def cell(name: str, value: Any) -> str:
    """One cell as text: times, counts, shares and codes in the words of the page; nothing is a dash."""
    if value is None or value == "":
        return "—"
    if isinstance(value, datetime):
        return formats.moment(value)
    if name in ("rating", "first_rating") and isinstance(value, int):
        return codes.word("rating", value)
    if isinstance(value, float):
        return numbers.percent(value) if name.startswith("share") else numbers.fixed(value, 1)
    if isinstance(value, int):
        return str(value) if name in LABELS else numbers.count(value)
    if name in ("channel", "state", "case_type", "outcome", "resolved"):
        return codes.word(name, value)
    if isinstance(value, date):
        return value.isoformat()
    if name == "decision":
        return str(DECISIONS.get(value, value))
    if name == "item":
        return str(CONFIRMED_AS.get(value, value))
    return str(CELLS.get(value, LEVELS.get(value, value)))


def level(name: str) -> str:
    """A level of the stack."""
    return str(LEVELS.get(name, name))


def counted(n: int | None) -> str:
    """A count, or that it is withheld."""
    return gettext("不显示") if n is None else numbers.count(n)


THRESHOLDS = {
    "q": lazy_gettext("错误发现率"), "level": lazy_gettext("单次偶然概率"), "min_difference": lazy_gettext("至少高出"),
    "min_ratio": lazy_gettext("至少为同类的"), "min_count": lazy_gettext("至少件数"),
    "min_n": lazy_gettext("至少可比件数"), "min_share": lazy_gettext("至少占比"),
    "min_rate": lazy_gettext("雷同可能性至少"), "min_robust_z": lazy_gettext("稳健标准分至少"),
    "one_second_share": lazy_gettext("同一秒占比超过"), "one_second_n": lazy_gettext("同一秒至少件数"),
    "answer_days": lazy_gettext("无答复超过天数"), "min_waiting": lazy_gettext("至少等待的留言"),
    "min_perfect": lazy_gettext("每项至少件数"), "expected_misses": lazy_gettext("预计未达的次数至少"),
    "min_w": lazy_gettext("效应量至少"), "min_closings": lazy_gettext("至少办结件数"),
    "min_month": lazy_gettext("每月至少件数"), "equal_months": lazy_gettext("至少相同月数"),
    "listed_from": lazy_gettext("自几件起列出"), "min_both": lazy_gettext("两系统至少共有"),
    "below_peers": lazy_gettext("低于同类至少"), "min_spread": lazy_gettext("每月偶然起伏至少"),
    "least_months": lazy_gettext("至少月数"), "most_of_chance": lazy_gettext("起伏至多为偶然的"),
}  # fmt: skip


POINTS = frozenset({"min_difference", "below_peers"})
SHARES = frozenset({"q", "min_share", "min_rate", "one_second_share", "most_of_chance"})


def threshold(name: str, value: float) -> str | None:
    """One threshold with its unit of measure; None where it asks nothing (no difference, one time the peers)."""
    if value == {"min_difference": 0, "min_share": 0, "min_ratio": 1, "level": 1}.get(name):
        return None
    if name in POINTS:
        said = gettext("%(n)s 个百分点", n=numbers.weight(100 * value))
    elif name in SHARES:
        said = numbers.level(value)
    elif name == "level":
        said = gettext("每 %(n)s 家 1 家", n=numbers.count(1 / value))
    elif name == "min_ratio":
        said = gettext("%(n)s 倍", n=numbers.weight(value))
    else:
        said = numbers.count(value) if value == int(value) else numbers.weight(value)
    return f"{THRESHOLDS[name]} {said}"


def thresholds(row: Any) -> str | None:
    """The thresholds a finding passed and the scheme that set them; None where they were not kept."""
    kept = row.document.get("evidence", {}).get("thresholds")
    if not kept:
        return None
    parts = [
        said
        for name, value in {**kept["gates"], **kept["limits"]}.items()
        if name in THRESHOLDS and (said := threshold(name, value))
    ]
    return gettext("；").join([*parts, gettext("方案 %(name)s", name=kept["scheme"] or gettext("（程序初始值）"))])


def outcome(found: Outcome, row: Any) -> list[str]:
    """What stands under a finding: unverified while it is open; then the decision, by whom, and what became of it."""
    lines = [str(_entered(entry)) for entry in found.entries]
    if not found.is_decided:
        taken_back = gettext("结论已收回；上面的评价算在收回之前，须重新计算。")
        return [*lines, taken_back] if lines else [str(in_language(DISCLAIMER))]
    who = {
        "state": STATES[found.state],
        "person": Markup(person(row.reviewed_by)).striptags(),
        "time": formats.moment(row.reviewed_at),
    }
    decided = gettext("结论为“%(state)s”，由%(person)s于 %(time)s 作出。", **who)
    if not lines and found.without:
        numbers_of = gettext("、").join(str(number) for number in sorted(found.without))
        lines = [gettext("没有进入任何得分：结论之后的评价 %(numbers)s 没有计入这条的条款。", numbers=numbers_of)]
    elif not lines:
        lines = [gettext("没有进入任何得分。")]
        if found.state == "confirmed":
            lines.append(gettext("结论之后还没有计算评价；方案中有相应条款时，下一次计算才会计入。"))
    elif found.state != "confirmed":
        lines.append(gettext("上面的评价算在这个结论之前，须重新计算。"))
    return [decided, *lines]


def _entered(entry: Entry) -> str:
    """Which rule of which assessment took the finding in."""
    rule = f"{entry.code} {in_language(entry.title)}".strip()
    if entry.cap_grade is not None:
        return gettext("已进入评价 %(number)s：按 %(rule)s，等次最高为 %(grade)s。", number=entry.number, rule=rule,
                       grade=entry.cap_grade)  # fmt: skip
    return gettext("已进入评价 %(number)s：按 %(rule)s，这项共 %(n)s 条线索，合计 %(points)s 分。", number=entry.number,
                   rule=rule, n=numbers.count(entry.findings), points=numbers.score(entry.points))  # fmt: skip


def chance_of(row: Any) -> str:
    """How often chance alone does what a finding shows; closed where it would tell the answers of a few."""
    if row.document.get(CLOSED):
        return gettext("不显示")
    p, detector = row.document.get("p_adjusted"), detectors().get(row.key)
    if p is None and detector is not None and detector.compares:
        return gettext("与同类单位比较，超过下列阈值才列出；不推算概率")
    return chance(p)


def chance(p: float | None) -> str:
    """How often chance alone does this among similar units; a p-value is never the chance that a unit did something."""
    if p is None:
        return gettext("逐件核对的规则，不作统计推断")
    if p * 10_000 < 1:
        return gettext("一万家同类单位中也难出现 1 家")
    if round(1 / p) < 2:
        return gettext("多数同类单位也会出现")
    return gettext("约每 %(n)s 家同类单位会出现 1 家", n=numbers.count(round(1 / p)))


def chance_among_topics(p: float) -> str:
    """How often chance alone makes a topic grow like this."""
    if p * 10_000 < 1:
        return gettext("一万类事项中也难出现 1 类")
    return gettext("约每 %(n)s 类事项会出现 1 类", n=numbers.count(round(1 / p)))


def refusal(code: str) -> str:
    """Why a step was not taken, as a sentence."""
    return str(REFUSALS.get(code, gettext("无法完成这一步。")))
