# ruff: noqa: E501 - a row of a table is one line here, as it is in the file
"""Files of the layouts that hold answers, counts, units, channels and exclusions; see `layout_files`."""

from __future__ import annotations

from tests.pipeline.layout_files import HOMES, WATER, LayoutFile, lines_of, sheet, text

_UNIT = ("--unit", WATER)
SURVEYS = [
    LayoutFile("wjx_readable", "surveys", text(*lines_of(
        "序号|提交答卷时间|所用时间|来源|来源详情|来自IP|总分|1、您对办理结果是否满意|2、哪些方面不好",
        "1|2025/3/3 9:05:00|95秒|微信|直接填写|1.2.3.4(广东-深圳)|0|满意|态度┋时间", "2|2025/3/3 9:06:00|60秒|微信|直接填写|1.2.3.5(广东-深圳)|0|不满意|时间",
        "3|2025/3/3 9:07:00|70秒|链接|直接填写|1.2.3.6(广东-深圳)|0||(空)")), "S6", 50.0, options=("--map", "rating=1、您对办理结果是否满意", *_UNIT)),
    LayoutFile("tencent", "surveys", text(*lines_of(
        "编号|开始答题时间|结束答题时间|答题时长|地理位置国家和地区|地理位置省|地理位置市|用户类型|用户标识|昵称|自定义字段|1.总体满意度",
        "1|2025/03/03 09:00:00|2025/03/03 09:01:35|1分35秒|中国|广东|深圳|匿名|u1|||满意", "2|2025/03/03 09:00:00|2025/03/03 09:02:00|2分|中国|广东|深圳|微信|u2|甲||非常满意")),
        "S6", 87.5, options=("--map", "rating=1.总体满意度", *_UNIT)),
    LayoutFile("limesurvey_code", "surveys", text(*lines_of(
        "id|submitdate|lastpage|startlanguage|seed|startdate|datestamp|ipaddr|refurl|G1Q1|G1Q2[SQ1]",
        "1|2025-03-03 09:00:00|3|zh|1|2025-03-03 08:55:00|2025-03-03 09:00:00|1.2.3.4||5|A1", "2||1|zh|2|2025-03-03 08:55:00|2025-03-03 08:56:00|1.2.3.5||1|N/A",
        "3|2025-03-03 09:10:00|3|zh|3|2025-03-03 09:05:00|2025-03-03 09:10:00|1.2.3.6||3|A2"), delimiter=";"),
        "S6", 75.0, options=("--map", "rating=G1Q1", "--scale", "rating:5=best", *_UNIT)),
    LayoutFile("limesurvey_full", "surveys", text(*lines_of(
        "id. Response ID|submitdate. Date submitted|lastpage. Last page|startlanguage. Start language|startdate. Date started|ipaddr. IP address|Q01. 总体评价|Q02[SQ001]. 态度",
        "1|2025-03-03 09:00:00|3|zh|2025-03-03 08:55:00|1.2.3.4|满意|好", "2||1|zh|2025-03-03 08:55:00|1.2.3.4|非常不满意|"), delimiter=";"),
        "S6", 75.0, options=("--map", "rating=Q01. 总体评价", *_UNIT)),
    LayoutFile("limesurvey_text", "surveys", text(*lines_of(
        "Answer ID|Date submitted|How satisfied are you? [Overall]|Which office? [Name]", f"1|2025-03-03 09:00:00|满意|{WATER}", f"2|2025-03-03 09:10:00|一般|{WATER}",
        f"3|2025-03-03 09:12:00|不满意|{HOMES}"), delimiter=";"), "S6", 75.0,
        options=("--map", "rating=How satisfied are you? [Overall]", "--map", "unit=Which office? [Name]")),
    LayoutFile("qualtrics", "surveys", text(*lines_of(
        'StartDate|EndDate|Status|IPAddress|Progress|Duration (in seconds)|Finished|RecordedDate|ResponseId|DistributionChannel|UserLanguage|Q1|Q2',
        'Start Date|End Date|Response Type|IP Address|Progress|Duration (in seconds)|Finished|Recorded Date|Response ID|Distribution Channel|User Language|Which office?|How satisfied?',
        *['|'.join(f'"{{""ImportId"":""{name}""}}"' for name in ("startDate", "endDate", "status", "ipAddress", "progress", "duration", "finished", "recordedDate", "_recordId",
          "distributionChannel", "userLanguage", "QID1", "QID2"))],
        f"2025-03-03 08:55:00|2025-03-03 09:00:00|IP Address|1.2.3.4|100|300|True|2025-03-03 09:00:01|R_1|anonymous|ZH-S|{WATER}|满意",
        f"2025-03-03 08:56:00|2025-03-03 09:01:00|IP Address|1.2.3.4|40|300|False|2025-03-03 09:01:01|R_2|anonymous|ZH-S|{WATER}|非常不满意",
        f"2025-03-03 08:56:00|2025-03-03 09:01:00|Survey Preview|1.2.3.4|100|300|True|2025-03-03 09:01:01|R_3|preview|ZH-S|{WATER}|非常不满意",
        f"2025-03-03 08:57:00|2025-03-03 09:02:00|IP Address|1.2.3.4|100|300|True|2025-03-03 09:02:01|R_4|anonymous|ZH-S|{HOMES}|一般")),
        "S6", 75.0, options=("--map", "unit=Q1", "--map", "rating=Q2")),
    LayoutFile("friends_and_family", "surveys", text(*lines_of(
        "time|rating|surgery", f"2025-03-03 09:00:00|Extremely likely|{WATER}", f"2025-03-03 09:10:00|Don't know|{WATER}", f"2025-03-03 09:20:00|Likely|{WATER}",
        f"2025-03-03 09:20:00|Unlikely|{HOMES}")), "S6", 87.5),
    LayoutFile("haochaping", "surveys", sheet(*lines_of(
        "评价编号|办件编号|实施机构|评价时间|整体满意度|办事效率|服务态度|评价方式|差评原因|联系电话",
        f"1|B1|{WATER}|2025-03-03 09:00:00|非常满意|满意|满意|主动||138××××0001", f"2|B2|{WATER}|2025-03-03 09:00:00|非常满意|||默认||138××××0002",
        f"3|B3|{WATER}|2025-03-03 09:30:00|非常不满意|不满意|不满意|主动|办理时间长|138××××0003", f"4|B4|{HOMES}|2025-03-03 09:30:00|满意|满意|满意|主动||")),
        "S2", (1, 2)),
    LayoutFile("telephone_follow_up", "surveys", sheet(*lines_of(
        "回访工单编号|原工单编号|承办单位|回访时间|是否回访成功|之前反映的问题是否得到解决|整体服务评价|整体服务评价不满意原因|处理时长评价|态度评价|业务能力评价|电话回访意见",
        f"H1|热线-250303-000123|{WATER}|2025-03-08 15:00:00|成功|解决|满意||满意|满意|一般|", f"H2|热线-250303-000125|{WATER}|2025-03-08 15:10:00|成功|未解决|不满意|办理时间长|不满意|满意|一般|再快些",
        f"H3|热线-250303-000124|{WATER}|2025-03-08 15:20:00|未接通|||||||", f"H4|热线-250303-000199|{HOMES}|2025-03-08 15:30:00|成功|解决|满意||满意|满意|满意|")), "H2", (1, 2), after="hotline_21"),
    LayoutFile("surveys", "surveys", text(*lines_of(
        "答卷编号|被评价单位|提交时间|总体评价|意见建议", f"1|{WATER}|2025-03-03 09:00|非常满意|", f"2|{WATER}|2025-03-03 09:00|一般|慢", f"3|{HOMES}|2025-03-03 09:00|满意|")),
        "S6", 75.0, options=("--source", "third_party")),
]  # fmt: skip

_STAGES = [
    ["单位", *["转送"] + [""] * 3, *["受理"] + [""] * 3, *["答复"] + [""] * 3, "总办结率"],
    ["", *["总数", "按期办结", "超期办结", "办结率"] * 3, ""],
]
COUNTS = [
    LayoutFile("petition_completion", "counts", sheet(
        ["2025年3月信访事项办结率统计结果（行政）"], *_STAGES, [WATER, 40, 40, 0, "100%", 40, 30, 10, "100%", 40, 36, 4, "100.00％", "100%"],
        [HOMES, 60, 60, 0, "100%", 60, 60, 0, "100%", 60, 60, 0, "100%", "100%"], ["总数", 100, 100, 0, "100%", 100, 90, 10, "100%", 100, 96, 4, "100%", "100%"]),
        "X1", (30, 40)),
    LayoutFile("petition_times", "counts", sheet(
        ["2025年3月初次信访事项办理效率（行政）"], ["序号", "单位", "总数", "平均转送时间", "平均受理时间", "平均答复时间", "平均办理时间"],
        [1, WATER, 40, 1.5, 6.25, 30, 31.5], [2, HOMES, 60, 1, 5, 20, 26], ["", "总数", 100, 1.2, 5.5, 24, 28.2]), "X3", 6.25),
    LayoutFile("petition_contact", "counts", sheet(
        ["2025年3月初次信访办理联系率（行政）"], ["序号", "单位", "总件数", "有办理联系记录件数", "未办理联系件数", "比率"], [1, WATER, 40, 30, 10, "75%"],
        [2, HOMES, 60, 60, 0, "100%"], ["", "总数", 100, 90, 10, "90%"]), "X5", (30, 40)),
    LayoutFile("petition_repeat", "counts", sheet(
        ["2025年3月重复信访率（行政）"], ["序号", "单位", "办结初件", "首次初件", "比率"], [1, WATER, 40, 4, "10.00％"], [2, HOMES, 60, 6, "10%"]), "X6", (4, 40)),
    LayoutFile("petition_rating", "counts", sheet(
        ["2025年3月参评满意率（行政）"], ["单位", "总数", "未评价", "已评价总数", "已评价满意数", "已评价基本满意数", "已评价不满意数", "超期未评价数"],
        [WATER, 100, 15, 80, 50, 20, 10, 5], ["总数", 100, 15, 80, 50, 20, 10, 5]), "X8", (80, 100)),
    LayoutFile("three_rates", "counts", sheet(
        ["2025年3月三率月报"], ["序号", "承办单位", "受理量", "办结量", "有效回访", "联系数", "解决数", "满意数", "基本满意", "响应率(%)", "解决率(%)", "满意率(%)", "综合成绩"],
        [1, WATER, 100, 90, 50, 49, 40, 30, 5, 98.0, 80.0, 70.0, 80.6], [2, HOMES, 50, 50, 20, 20, 20, 20, 0, 100, 100, 100, 100],
        ["汇总", "", 150, 140, 70, 69, 60, 50, 5, 98.6, 85.7, 78.6, 86]), "", lists=("received=100", "resolution_rate=0.8", "overall_score=80.6")),
    LayoutFile("website_yearly", "counts", sheet(
        ["2025年度政府网站工作年度报表"], ["网站名称", "留言办理", "", "", "", "征集调查", "", "", "在线访谈", "", ""],
        ["", "收到留言数量", "办结留言数量", "平均办理时间(天)", "公开答复数量", "期数", "收到意见数量", "公布调查结果期数", "期数", "网民留言数量", "答复网民提问数量"],
        [WATER, 120, 100, 3.5, 90, 4, 33, 4, 2, 15, 14]), "X7", (90, 100), period="2025"),
    LayoutFile("counts", "counts", text(*lines_of(
        "单位|统计期间|受理量|办结量", f"{WATER}|2025-03|40|30", f"{HOMES}|2025-03|50|50", "合计||90|80")), "", lists=("received=40", "closed=30")),
]  # fmt: skip

OTHERS = [
    LayoutFile("units", "units", text(*lines_of(
        "单位编码|单位名称|单位简称|别名|同类组|常住人口|生效日期", "zrj|市资源局|资源局|市国土局|部门||2020-01-01", "xq|西区|西区政府||区县|450000|2020-01-01")),
        "", lists=("市资源局", "西区")),
    LayoutFile("channels", "channels", sheet(*lines_of(
        "渠道名称|主办单位|渠道类型|网址|检查时间|最近更新时间|更新时限（天）|是否可用|测试留言是否成功|来电量|接通量",
        f"12345 热线|{WATER}|热线||2025-03-20 09:00||||是|200|150", f"住建网站|{HOMES}|网站|https://homes.example|2025-03-20 09:00|2025-03-18|14|是|是||")), "C3", (150, 200)),
    LayoutFile("exclusions", "exclusions", sheet(*lines_of(
        "工单编号|申请单位|剔除理由|说明|申请时间", f"热线-250303-000124|{WATER}|非本单位职责|附路权证明|2025-03-20 09:00")), "", after="hotline_21", lists=("热线-250303-000124",)),
]  # fmt: skip
