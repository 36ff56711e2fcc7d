"""The canonical fields of the file kinds: what a column of a spreadsheet can mean.

`--map FIELD=HEADER` uses these names. Aliases (which headers mean which field) are layouts and belong to `imports`.
"""

from __future__ import annotations

from records.vocabulary.codes import Kind
from records.vocabulary.field import Field, FieldType
from records.vocabulary.field import make_field as _field
from records.vocabulary.table_fields import CHANNEL_FIELDS, COUNT_FIELDS, EXCLUSION_FIELDS

T = FieldType

CASE_FIELDS: dict[str, Field] = {
    f.name: f
    for f in (
        _field("case_no", T.NUMBER_TEXT, "工单编号", "Case number", "required"),
        _field("unit", T.UNIT, "承办单位", "Unit", "required"),
        _field("received_at", T.TIME, "来电时间", "Received at", "required"),
        _field("channel", T.CODE, "渠道", "Channel", "", "Channel"),
        _field("case_type", T.CODE, "诉求类型", "Case type", "recommended", "CaseType"),
        _field("urgency", T.CODE, "紧急程度", "Urgency", "", "Urgency"),
        _field("category", T.TEXT, "问题分类", "Category", "recommended"),
        _field("category_2", T.TEXT, "二级分类", "Second-level category"),
        _field("category_3", T.TEXT, "三级分类", "Third-level category"),
        _field("tags", T.TEXT, "标签", "Tags"),
        _field("title", T.LONG_TEXT, "标题", "Title"),
        _field("content", T.LONG_TEXT, "主要内容", "Content", "recommended"),
        _field("district", T.TEXT, "被反映区", "District"),
        _field("street", T.TEXT, "被反映街乡镇", "Street or township"),
        _field("village", T.TEXT, "村/社区", "Village or community"),
        _field("place", T.LONG_TEXT, "点位", "Place"),
        _field("company", T.TEXT, "企业名称", "Company"),
        _field("intake_mode", T.TEXT, "受理方式", "Intake mode"),
        _field("unit_role", T.TEXT, "工单性质", "Role of the unit (lead, assist, forwarded)"),
        _field("state", T.CODE, "工单状态", "State", "recommended", "State"),
        _field("outcome", T.CODE, "处理结果", "Outcome", "recommended", "Outcome"),
        _field("accepted_at", T.TIME, "受理告知时间", "Acceptance told at"),
        _field("dispatched_at", T.TIME, "派单时间", "Dispatched at", "recommended"),
        _field("signed_at", T.TIME, "签收时间", "Signed at", "recommended"),
        _field("acknowledged_at", T.TIME, "收悉时间", "Acknowledged at"),
        _field("contacted_at", T.TIME, "首次联系时间", "First contact at"),
        _field("first_response_at", T.TIME, "首次答复时间", "First response at", "recommended"),
        _field("published_at", T.TIME, "公开时间", "Published at"),
        _field("returned_at", T.TIME, "退单时间", "Returned at"),
        _field("transferred_at", T.TIME, "转派时间", "Transferred at"),
        _field("closed_at", T.TIME, "办结时间", "First closed at", "recommended"),
        _field("final_closed_at", T.TIME, "最终办结时间", "Last closed at"),
        _field("reopened_at", T.TIME, "重办时间", "Reopened at"),
        _field("followed_up_at", T.TIME, "回访时间", "Followed up at"),
        _field("rated_at", T.TIME, "评价时间", "Rated at"),
        _field("excluded_at", T.TIME, "剔除时间", "Excluded at"),
        _field("due_at", T.TIME, "截止时间", "Due at (the source's own limit)"),
        _field("extended_due_at", T.TIME, "延期后截止时间", "Due at after extension"),
        _field("extension_applied_at", T.TIME, "延期申请时间", "Extension applied for at"),
        _field("suspended_from", T.TIME, "挂账开始时间", "Suspended from"),
        _field("suspended_until", T.TIME, "挂账结束时间", "Suspended until"),
        _field("urged_at", T.TIME, "催办时间", "Urged at"),
        _field("reply_text", T.LONG_TEXT, "答复内容", "Reply"),
        _field("result_text", T.LONG_TEXT, "办理结果", "Result"),
        _field("contacted", T.YES_NO, "是否联系", "Contacted"),
        _field("valid_follow_up", T.YES_NO, "是否有效回访", "Valid follow-up"),
        _field("resolved", T.CODE, "是否解决", "Resolved, says the citizen", "recommended", "Resolved"),
        _field("rating", T.RATING, "是否满意", "Rating", "recommended"),
        _field("first_rating", T.RATING, "首次满意度", "First rating"),
        _field("rating_is_default", T.YES_NO, "是否默认评价", "Rating set by default"),
        _field("manner_grade", T.NUMBER, "态度评分", "Manner grade 1 to 5"),
        _field("speed_grade", T.NUMBER, "速度评分", "Speed grade 1 to 5"),
        _field("n_returns", T.COUNT, "退回次数", "Returns"),
        _field("n_transfers", T.COUNT, "转派次数", "Transfers"),
        _field("n_closings", T.COUNT, "办结次数", "Closings"),
        _field("n_reworks", T.COUNT, "重新办理次数", "Reworks"),
        _field("n_extensions", T.COUNT, "申请延期次数", "Extensions applied for"),
        _field("n_urges", T.COUNT, "催办次数", "Reminders"),
        _field("likes", T.COUNT, "点赞数", "Likes"),
        _field("is_excluded", T.YES_NO, "是否剔除", "Excluded from the assessment"),
        _field("is_assessed", T.YES_NO, "是否纳入考核", "Part of the assessment"),
        _field("exclusion_reason", T.TEXT, "剔除原因", "Ground of exclusion"),
        _field("is_public_reply", T.YES_NO, "是否公开", "Reply is public"),
        _field("is_supervised", T.YES_NO, "是否督办", "Supervised"),
        _field("is_hard", T.YES_NO, "是否疑难", "Marked hard"),
        _field("is_repeat_person", T.YES_NO, "是否老户", "Known repeat caller"),
        _field("is_confidential", T.YES_NO, "是否保密", "Confidential"),
        _field("original_case_no", T.NUMBER_TEXT, "原工单编号", "Number of the earlier case"),
        _field("merged_into", T.NUMBER_TEXT, "并入工单编号", "Merged into case"),
        _field("history", T.EVENTS, "事件记录", "Events of an event log"),
        _field("citizen_name", T.PERSONAL, "来电人", "Name of the citizen"),
        _field("citizen_phone", T.PERSON, "来电人电话", "Phone of the citizen"),
        _field("citizen_identity", T.PERSON, "身份证号", "Identity number of the citizen"),
        _field("citizen_account", T.PERSON, "用户账号", "Account of the citizen"),
        _field("ip_address", T.PERSON, "IP", "Address of the device"),
    )
}

ANSWER_FIELDS: dict[str, Field] = {
    f.name: f
    for f in (
        _field("answer_no", T.NUMBER_TEXT, "答卷编号", "Answer number", "recommended"),
        _field("case_no", T.NUMBER_TEXT, "原工单编号", "Case number"),
        _field("unit", T.UNIT, "承办单位", "Unit", "recommended"),
        _field("answered_at", T.TIME, "提交时间", "Answered at", "recommended"),
        _field("started_at", T.TIME, "开始时间", "Started at"),
        _field("seconds_used", T.NUMBER, "所用时间", "Seconds used"),
        _field("channel", T.CODE, "渠道", "Channel", "", "Channel"),
        _field("mode", T.TEXT, "调查方式", "Mode (phone, sms, web, counter)"),
        _field("stratum", T.TEXT, "分层", "Stratum"),
        _field("is_complete", T.YES_NO, "是否完成", "Complete"),
        _field("reached", T.YES_NO, "是否回访成功", "Citizen reached"),
        _field("contacted", T.YES_NO, "是否联系", "Contacted by the unit"),
        _field("resolved", T.CODE, "问题是否得到解决", "Resolved, says the citizen", "recommended", "Resolved"),
        _field("rating", T.RATING, "整体满意度", "Overall rating", "recommended"),
        _field("rating_is_default", T.YES_NO, "是否默认评价", "Rating set by default"),
        _field("speed_rating", T.RATING, "处理时长评价", "Rating of the speed"),
        _field("manner_rating", T.RATING, "态度评价", "Rating of the manner"),
        _field("skill_rating", T.RATING, "业务能力评价", "Rating of the skill"),
        _field("reasons", T.TEXT, "不满意原因", "Reasons"),
        _field("comment", T.LONG_TEXT, "回访意见", "Comment"),
        _field("weight", T.NUMBER, "权重", "Weight"),
        _field("citizen_name", T.PERSONAL, "姓名", "Name"),
        _field("citizen_phone", T.PERSON, "联系电话", "Phone"),
        _field("ip_address", T.PERSON, "来自IP", "Address of the device"),
    )
}

UNIT_FIELDS: dict[str, Field] = {
    f.name: f
    for f in (
        _field("unit_code", T.NUMBER_TEXT, "单位编码", "Unit code", "recommended"),
        _field("unit_name", T.TEXT, "单位名称", "Unit name", "required"),
        _field("short_name", T.TEXT, "单位简称", "Short name"),
        _field("aliases", T.TEXT, "别名", "Aliases, separated by 、or |"),
        _field("parent", T.TEXT, "上级单位", "Parent unit"),
        _field("peer_group", T.TEXT, "同类组", "Peer group", "recommended"),
        _field("residents", T.COUNT, "常住人口", "Residents"),
        _field("valid_from", T.TIME, "生效日期", "Valid from"),
        _field("valid_to", T.TIME, "失效日期", "Valid to"),
        _field("merged_into_unit", T.TEXT, "并入单位", "Merged into unit"),
    )
}

FIELDS_BY_KIND: dict[Kind, dict[str, Field]] = {
    Kind.RESPONSES: CASE_FIELDS,
    Kind.SURVEYS: ANSWER_FIELDS,
    Kind.UNITS: UNIT_FIELDS,
    Kind.COUNTS: COUNT_FIELDS,
    Kind.CHANNELS: CHANNEL_FIELDS,
    Kind.EXCLUSIONS: EXCLUSION_FIELDS,
    Kind.FOLLOWUPS: ANSWER_FIELDS,
}
