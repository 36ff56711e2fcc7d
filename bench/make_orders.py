"""Write a hotline export of N rows and 20 columns as xlsx or csv: `python -m bench.make_orders OUT.csv 200000`."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import xlsxwriter

HEADERS = (
    "工单编号", "工单类型", "问题分类", "标签", "标题", "主要内容", "工单状态", "来电人", "来电人电话/账号", "被反映区",
    "被反映街乡镇", "主办单位", "来电时间", "派单时间", "签收时间", "首次答复时间", "办结时间", "回复内容", "是否解决",
    "是否满意",
)  # fmt: skip
TOPICS = (
    "住房城乡建设->物业管理->电梯故障",
    "环境保护->噪声->施工噪声",
    "交通运输->道路->路面破损",
    "民政->养老->补贴",
)
DETAILS = ("夜间仍在施工", "电梯多次停运", "路灯不亮", "积水不退", "垃圾未清运", "供暖温度不足", "车位被占", "井盖松动")


def write_orders(path: Path, rows: int, seed: int = 1) -> None:
    """Write the file in the format of its name; equal arguments give equal rows in both."""
    (_write_text if path.suffix == ".csv" else _write_workbook)(path, _rows(rows, seed))


def _rows(rows: int, seed: int) -> Iterator[tuple[list[str], list[datetime]]]:
    """The texts and the times of every row."""
    rng = np.random.default_rng(seed)
    start = datetime(2024, 1, 1)
    minutes = np.sort(rng.integers(0, 366 * 1440, rows))
    delays = rng.gamma(2.0, 900.0, (rows, 4)).astype(int)
    picks = rng.integers(0, 1 << 30, (rows, 6))
    for i in range(rows):
        yield _row(i, picks[i], start + timedelta(minutes=int(minutes[i])), delays[i])


def _write_workbook(path: Path, rows: Iterator[tuple[list[str], list[datetime]]]) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("工单明细")
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.write_row(0, 0, HEADERS)
    for line, (texts, times) in enumerate(rows, 1):
        for column, value in enumerate(texts):
            sheet.write_string(line, column if column < 12 else column + 5, value)
        for column, time in enumerate(times):
            sheet.write_datetime(line, 12 + column, time, moment)
    book.close()


def _write_text(path: Path, rows: Iterator[tuple[list[str], list[datetime]]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        for texts, times in rows:
            writer.writerow([*texts[:12], *(f"{time:%Y-%m-%d %H:%M:%S}" for time in times), *texts[12:]])


def _row(i: int, pick: np.ndarray, received: datetime, delay: np.ndarray) -> tuple[list[str], list[datetime]]:
    detail = DETAILS[pick[0] % len(DETAILS)]
    place = f"第{pick[1] % 40 + 1}街道{pick[2] % 900 + 1}号院"
    content = f"市民反映{place}{detail}，已持续{pick[3] % 30 + 1}天，影响居民正常生活，此前曾向物业反映但没有结果，" + (
        "希望有关部门尽快到现场查看并给出处理意见，同时告知后续安排和完成时间，便于邻里知晓。本次来电希望得到书面答复，请予重视并处理。"
    )
    reply = (
        f"您好，您反映的{detail}问题收悉。经现场核查，{place}情况属实，已责成责任单位于{pick[4] % 10 + 1}日内整改，"
        + ("后续将加强巡查并向您反馈结果。感谢您对我们工作的监督与支持，如有疑问请联系属地工作人员。")
    )
    times = [received]
    for seconds in delay:
        times.append(times[-1] + timedelta(seconds=int(seconds)))
    text = [
        f"热线-{received:%y%m%d}-{i:06d}", ("投诉", "求助", "咨询", "建议")[pick[5] % 4], TOPICS[pick[1] % len(TOPICS)],
        "七有五性", f"{place}{detail}", content, "已办结", "保密", f"139{pick[2] % 100_000_000:08d}", "海川区",
        f"第{pick[1] % 40 + 1}街道", f"第{pick[1] % 40 + 1}街道办事处", reply,
        ("解决", "未解决", "部分解决")[pick[3] % 3], ("满意", "基本满意", "不满意", "未评价")[pick[0] % 4],
    ]  # fmt: skip
    return text, times


if __name__ == "__main__":
    write_orders(Path(sys.argv[1]), int(sys.argv[2]))
