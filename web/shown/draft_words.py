"""What the tables, keys and words of a scheme file are called in the form of a draft."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext

from web.languages import in_language
from web.shown.schemes import METHOD_NAMES
from web.words.finding_words import THRESHOLDS

TABLES = {
    "group": lazy_gettext("分组"),
    "indicator": lazy_gettext("指标"),
    "bonus": lazy_gettext("加分项"),
    "deduction": lazy_gettext("扣分项"),
    "veto": lazy_gettext("封顶条件"),
    "information": lazy_gettext("仅供了解的指标"),
    "peer_group": lazy_gettext("同类组"),
    "detector": lazy_gettext("线索规则的阈值"),
}
LABELS = {
    "id": lazy_gettext("代码"),
    "code": lazy_gettext("代码"),
    "title.zh": lazy_gettext("中文名称"),
    "title.en": lazy_gettext("英文名称"),
    "group": lazy_gettext("所属分组"),
    "parent": lazy_gettext("上级分组"),
    "weight": lazy_gettext("权重"),
    "method": lazy_gettext("办法"),
    "zero": lazy_gettext("0 分值"),
    "full": lazy_gettext("满分值"),
    "target": lazy_gettext("目标"),
    "steps": lazy_gettext("分档"),
    "clip": lazy_gettext("得分限于 0 到 100"),
    "transform": lazy_gettext("计分前取对数"),
    "direction": lazy_gettext("方向"),
    "winsorise": lazy_gettext("两端各截去百分之几"),
    "ddof": lazy_gettext("标准差的自由度修正"),
    "proof": lazy_gettext("扣分须有证明"),
    "not_applicable": lazy_gettext("不适用时"),
    "without_cases": lazy_gettext("没有办件时"),
    "options.basically_satisfied": lazy_gettext("基本满意按多少计"),
    "across": lazy_gettext("下级合成办法"),
    "missing_below": lazy_gettext("可用权重低于此比例则不评分"),
    "source": lazy_gettext("依据来源"),
    "min_n": lazy_gettext("至少多少件才计分"),
    "blend": lazy_gettext("各表单权重（代码:比例，以空格隔开）"),
    "per_item": lazy_gettext("每件分数"),
    "cap": lazy_gettext("分数上限"),
    "only_above": lazy_gettext("得分高于此值才加"),
    "document": lazy_gettext("依据文件"),
    "valid_months": lazy_gettext("有效几个月"),
    "cap_grade": lazy_gettext("等次封顶为"),
    "when.metric": lazy_gettext("条件：指标"),
    "when.op": lazy_gettext("条件：比较"),
    "when.value": lazy_gettext("条件：数值"),
    "status": lazy_gettext("方案性质"),
    "scope": lazy_gettext("计分口径"),
    "period_start_day": lazy_gettext("考核月从几日起"),
    "peer_groups": lazy_gettext("适用的同类组"),
    "basis": lazy_gettext("依据文件（每行一份）"),
    "aggregate.across": lazy_gettext("合成办法"),
    "aggregate.missing_below": lazy_gettext("可用权重低于此比例则不评分"),
    "aggregate.bonus_cap": lazy_gettext("加分合计上限"),
    "aggregate.deduction_cap": lazy_gettext("扣分合计上限"),
    "small_n.suppress": lazy_gettext("少于多少件不显示数值"),
    "small_n.rank": lazy_gettext("少于多少件不排名、不定等次"),
    "small_n.reliability": lazy_gettext("可靠度下限"),
    "small_n.grouped": lazy_gettext("群众评价件数低于此值按档计分"),
    "uncertainty.draws": lazy_gettext("模拟次数"),
    "uncertainty.seed": lazy_gettext("随机种子"),
    "uncertainty.certain": lazy_gettext("等次确定所需概率"),
    "uncertainty.weights_dirichlet": lazy_gettext("权重扰动的集中度"),
    "uncertainty.goalpost_shift": lazy_gettext("目标值扰动幅度"),
    "uncertainty.rank_interval": lazy_gettext("名次区间的水平"),
    "uncertainty.joint_interval": lazy_gettext("全组联合名次区间的水平"),
    "uncertainty.end_share": lazy_gettext("同类首尾各占多少"),
    "comparison.difference_level": lazy_gettext("判定好于、差于同类的双侧水平"),
    "comparison.penalty_level": lazy_gettext("扣分、封顶所需的单侧水平"),
    "comparison.least_units": lazy_gettext("少于多少家同类不估计单位间差异"),
    "comparison.funnel_winsor": lazy_gettext("漏斗图两端各截去多少"),
    "comparison.funnel_notable": lazy_gettext("漏斗图内界的水平"),
    "comparison.funnel_different": lazy_gettext("漏斗图外界的水平"),
    "comparison.reference_cases": lazy_gettext("结构调整的参照至少多少件"),
    "comparison.least_overlap": lazy_gettext("诉求构成与同类相同的比例低于此值，调整值不比较"),
    "waiting.longest_working_hours": lazy_gettext("平均等待中最长按多少工作小时计"),
    "waiting.longest_hours": lazy_gettext("平均等待中最长按多少小时计"),
    **THRESHOLDS,
    "grades.ranks": lazy_gettext("公布名次"),
}
PLAIN = {
    "id": lazy_gettext("方案代码"),
    "version": lazy_gettext("版本"),
    "grades.cuts": lazy_gettext("等次分界"),
    "grades.bands": lazy_gettext("等次分界"),
}
PLACE = re.compile(r"(?P<table>\w+)\[(?P<code>[^\]]*)\](?:\.(?P<key>.+))?")
WORDS = {
    "higher": lazy_gettext("越高越好"),
    "lower": lazy_gettext("越低越好"),
    "none": lazy_gettext("不取"),
    "log": lazy_gettext("自然对数（log）"),
    "ln": lazy_gettext("自然对数（ln）"),
    "log10": lazy_gettext("常用对数"),
    "rescale": lazy_gettext("权重分给其余指标"),
    "zero": lazy_gettext("按 0 分"),
    "missing": lazy_gettext("视为缺失"),
    "not_applicable": lazy_gettext("视为不适用"),
    "arithmetic": lazy_gettext("算术平均"),
    "geometric": lazy_gettext("几何平均"),
    "proposal": lazy_gettext("建议方案"),
    "official": lazy_gettext("正式方案"),
    "kept": lazy_gettext("剔除后"),
    "all": lazy_gettext("全部"),
    "true": lazy_gettext("是"),
    "false": lazy_gettext("否"),
    **METHOD_NAMES,
}


def place_words(path: str, *documents: Mapping[str, Any]) -> str:
    """A place in a scheme in words: the table, the title its entry has in one of the documents, and the field.

    A place that has no word of its own is named by its key.
    """
    found = PLACE.fullmatch(path)
    if found is None:
        return str(PLAIN.get(path) or LABELS.get(path) or path)
    table, code, key = found["table"], found["code"], found["key"] or ""
    rows = [row for document in documents for row in document.get(table, []) if isinstance(row, Mapping)]
    titles = [in_language(row.get("title", {})) for row in rows if row.get("code", row.get("id")) == code]
    name = next((title for title in titles if title), code)
    entry = f"{TABLES.get(table, table)} {name}"
    return gettext("%(entry)s：%(field)s", entry=entry, field=LABELS.get(key, key)) if key else entry
