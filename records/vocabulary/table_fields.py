"""The canonical fields of tables that hold no single cases: counts per unit, channels, exclusions.

Every field of COUNT_FIELDS from `MEASURES` is a measure: one stored row per unit, period and measure. Rates are stored
as fractions, durations in the unit of their label.
"""

from __future__ import annotations

from records.vocabulary.field import Field, FieldType, make_field

T = FieldType
_C, _N = T.COUNT, T.NUMBER

_STAGES = (("transfer", "转送", "transferred"), ("accept", "受理", "accepted"), ("reply", "答复", "replied"))
_ROLES = (("", "", ""), ("office_", "信访工作机构", " (petition office)"), ("handler_", "有权处理单位", " (handler)"))


def _stage(code: str, zh: str, en: str) -> tuple[tuple[str, FieldType, str, str], ...]:
    return (
        (f"{code}_total", _C, f"{zh}总数", f"{en.capitalize()}"),
        (f"{code}_on_time", _C, f"{zh}按期办结", f"{en.capitalize()} on time"),
        (f"{code}_late", _C, f"{zh}超期办结", f"{en.capitalize()} late"),
        (f"{code}_rate", _N, f"{zh}办结率", f"Share {en}"),
    )


def _rating(code: str, zh: str, en: str) -> tuple[tuple[str, FieldType, str, str], ...]:
    return (
        (f"{code}total", _C, f"{zh}总数", f"Total{en}"),
        (f"{code}unrated", _C, f"{zh}未评价", f"Unrated{en}"),
        (f"{code}rated", _C, f"{zh}已评价总数", f"Rated{en}"),
        (f"{code}rated_satisfied", _C, f"{zh}已评价满意数", f"Rated satisfied{en}"),
        (f"{code}rated_basically", _C, f"{zh}已评价基本满意数", f"Rated basically satisfied{en}"),
        (f"{code}rated_dissatisfied", _C, f"{zh}已评价不满意数", f"Rated dissatisfied{en}"),
        (f"{code}overdue_unrated", _C, f"{zh}超期未评价数", f"Not rated in time{en}"),
    )


_SINGLE = (
    ("completion_rate", _N, "总办结率", "Share completed"),
    ("mean_transfer_time", _N, "平均转送时间", "Mean time to transfer"),
    ("mean_accept_time", _N, "平均受理时间", "Mean time to accept"),
    ("mean_reply_time", _N, "平均答复时间", "Mean time to reply"),
    ("mean_handling_time", _N, "平均办理时间", "Mean handling time"),
    ("contact_recorded", _C, "有办理联系记录件数", "With a record of contact"),
    ("contact_missing", _C, "未办理联系件数", "Without contact"),
    ("contact_share", _N, "联系比率", "Share with contact"),
    ("first_closed", _C, "办结初件", "First petitions closed"),
    ("first_repeated", _C, "首次初件", "First petitions repeated"),
    ("repeat_share", _N, "重复比率", "Share repeated"),
    ("received", _C, "受理量", "Received"),
    ("closed", _C, "办结量", "Closed"),
    ("valid_follow_ups", _C, "有效回访", "Valid follow-ups"),
    ("contacted", _C, "联系数", "Contacted"),
    ("resolved", _C, "解决数", "Resolved"),
    ("satisfied", _C, "满意数", "Satisfied"),
    ("basically_satisfied", _C, "基本满意", "Basically satisfied"),
    ("response_rate", _N, "响应率", "Response rate"),
    ("resolution_rate", _N, "解决率", "Resolution rate"),
    ("satisfaction_rate", _N, "满意率", "Satisfaction rate"),
    ("overall_score", _N, "综合成绩", "Overall score"),
    ("has_platform", T.YES_NO, "是否使用统一平台", "Uses the common platform"),
    ("messages_received", _C, "收到留言数量", "Messages received"),
    ("messages_closed", _C, "办结留言数量", "Messages closed"),
    ("mean_message_days", _N, "留言平均办理时间", "Mean days to handle a message"),
    ("replies_published", _C, "公开答复数量", "Replies published"),
    ("consultations", _C, "征集调查期数", "Consultations held"),
    ("opinions_received", _C, "收到意见数量", "Opinions received"),
    ("consultation_results", _C, "公布调查结果期数", "Consultation results published"),
    ("interviews", _C, "在线访谈期数", "Online interviews"),
    ("interview_questions", _C, "网民留言数量", "Questions of citizens"),
    ("interview_answers", _C, "答复网民提问数量", "Questions answered"),
    ("has_assistant", T.YES_NO, "是否提供智能问答", "Offers an automatic assistant"),
    ("closures_checked", _C, "随机核查办结件数", "Closures checked at random"),
    ("closures_untrue", _C, "核查不实件数", "Closures found untrue"),
    ("bad_ratings_valid", _C, "有效差评件数", "Valid bad ratings"),
    ("bad_ratings_called", _C, "差评回访件数", "Bad ratings called back"),
    ("bad_ratings_due", _C, "应整改差评件数", "Bad ratings due to be put right"),
    ("bad_ratings_fixed", _C, "差评按期整改件数", "Bad ratings put right and called back in time"),
    ("replies_scored", _C, "评分答复件数", "Replies scored"),
    ("reply_points", _N, "答复评分合计", "Sum of the points of replies"),
    ("replies_reviewed", _C, "人工复核答复件数", "Replies reviewed by people"),
    ("perfunctory_confirmed", _C, "确认空转回复件数", "Perfunctory replies confirmed"),
    ("off_topic_confirmed", _C, "确认答非所问件数", "Off-topic replies confirmed"),
    ("promises_due", _C, "到期承诺件数", "Promises due"),
    ("promises_kept", _C, "兑现承诺件数", "Promises kept"),
    ("faults_policy", _C, "政策文件问题项数", "Faults: no policy file"),
    ("faults_replies", _C, "答复公开问题项数", "Faults: no new reply published"),
    ("faults_content", _C, "发布互动功能问题项数", "Faults: publication, interaction, functions"),
    ("has_services", T.YES_NO, "是否提供办事服务", "Offers services"),
    ("faults_statistics", _C, "办事统计问题项数", "Faults: service statistics"),
    ("faults_service", _C, "办事服务问题项数", "Faults: services"),
)

MEASURES: dict[str, Field] = {
    entry[0]: make_field(*entry)
    for entry in (
        *(entry for stage in _STAGES for entry in _stage(*stage)),
        *(entry for role in _ROLES for entry in _rating(*role)),
        *_SINGLE,
    )
}
RATES = frozenset(name for name in MEASURES if name.endswith(("_rate", "_share")))

COUNT_FIELDS: dict[str, Field] = {
    "unit": make_field("unit", T.UNIT, "承办单位", "Unit", "required"),
    "period": make_field("period", T.PERIOD, "统计期间", "Period"),
    "channel": make_field("channel", T.CODE, "渠道", "Channel", "", "Channel"),
    **MEASURES,
}

CHANNEL_FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        make_field("channel_no", T.NUMBER_TEXT, "渠道编号", "Channel number"),
        make_field("channel_name", T.TEXT, "渠道名称", "Name of the channel", "required"),
        make_field("unit", T.UNIT, "主办单位", "Unit", "required"),
        make_field("channel", T.CODE, "渠道类型", "Channel", "recommended", "Channel"),
        make_field("address", T.TEXT, "网址", "Address"),
        make_field("checked_at", T.TIME, "检查时间", "Checked at", "recommended"),
        make_field("updated_at", T.TIME, "最近更新时间", "Last updated at", "recommended"),
        make_field("answered_at", T.TIME, "最近答复时间", "Last answered at"),
        make_field("update_limit_days", _C, "更新时限（天）", "Days between updates"),
        make_field("overdue_columns", _C, "超期栏目数", "Overdue columns"),
        make_field("is_available", T.YES_NO, "是否可用", "Available", "recommended"),
        make_field("is_tested", T.YES_NO, "测试留言是否成功", "Test message sent"),
        make_field("calls", _C, "来电量", "Calls"),
        make_field("calls_answered", _C, "接通量", "Calls answered"),
    )
}

EXCLUSION_FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        make_field("case_no", T.NUMBER_TEXT, "工单编号", "Case number", "required"),
        make_field("unit", T.UNIT, "申请单位", "Unit", "required"),
        make_field("ground", T.TEXT, "剔除理由", "Ground", "required"),
        make_field("note", T.LONG_TEXT, "说明", "Note"),
        make_field("applied_at", T.TIME, "申请时间", "Applied for at"),
    )
}
