"""The form of a new upload."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.fields import DateTimeLocalField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from imports.columns.declared import read_declared
from records.vocabulary import Kind
from web.forms.choices import choices

ACCEPTED = (".xlsx", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt", ".zip", ".json", ".xml", ".html", ".htm", ".xlsm")
KIND_NAMES = {
    Kind.RESPONSES: lazy_gettext("工单（每行一件）"),
    Kind.SURVEYS: lazy_gettext("满意度答卷（每行一份）"),
    Kind.UNITS: lazy_gettext("单位名录"),
    Kind.COUNTS: lazy_gettext("统计表（每行一个单位）"),
    Kind.CHANNELS: lazy_gettext("渠道检查表"),
    Kind.EXCLUSIONS: lazy_gettext("剔除台账"),
    Kind.FOLLOWUPS: lazy_gettext("回访记录（按原工单编号）"),
}
DATE_ORDERS = (
    ("", lazy_gettext("自动判断")),
    ("ymd", lazy_gettext("年月日")),
    ("mdy", lazy_gettext("月日年")),
    ("dmy", lazy_gettext("日月年")),
)


def is_totals(_form: FlaskForm, field: StringField) -> None:
    """A field of declared totals can be read."""
    try:
        read_declared(field.data or "")
    except ValueError as error:
        raise ValidationError(gettext("请写成 列名=数字，如 受理量=400；多个之间用分号。")) from error


def totals_field() -> StringField:
    """What the file must add up to, as the covering letter or the other system says."""
    return StringField(
        lazy_gettext("来函载明的合计"),
        validators=[Optional(), Length(max=200), is_totals],
        description=lazy_gettext("发送单位说明的列合计，如 受理量=400；与读到的不符时提醒。"),
    )


class UploadForm(FlaskForm):
    """A file and what the person knows about it."""

    file = FileField(lazy_gettext("数据文件"), validators=[FileRequired(lazy_gettext("请选择文件。"))])
    kind = SelectField(
        lazy_gettext("文件内容"),
        choices=choices((kind.value, name) for kind, name in KIND_NAMES.items()),
        default=Kind.RESPONSES.value,
    )
    layout = SelectField(
        lazy_gettext("数据源模板"),
        validators=[Optional()],
        description=lazy_gettext("不确定时留空，系统按列名和内容自动匹配。"),
    )
    exported_at = DateTimeLocalField(
        lazy_gettext("导出时间"),
        validators=[Optional()],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        description=lazy_gettext("数据截止到何时；留空时取文件属性或最晚的时间。"),
    )
    sheet = StringField(
        lazy_gettext("工作表"),
        validators=[Optional(), Length(max=100)],
        description=lazy_gettext("留空时取第一张有内容的可见工作表。"),
    )
    period = StringField(
        lazy_gettext("统计期间"),
        validators=[Optional(), Length(max=20)],
        description=lazy_gettext("只用于统计表，如 2025-03；留空时取标题行、工作表名或文件名中的期间。"),
    )
    declared_rows = IntegerField(
        lazy_gettext("来函载明的行数"),
        validators=[Optional(), NumberRange(min=0, max=10_000_000)],
        description=lazy_gettext("发送单位说明的数据行数；与读到的不符时提醒。"),
    )
    declared_totals = totals_field()
    create_units = BooleanField(lazy_gettext("名录中没有的单位自动新建"))
    partial = BooleanField(lazy_gettext("只导入无错误的行"))


class RepairForm(FlaskForm):
    """The list of refused rows as a person corrected it."""

    repaired = FileField(lazy_gettext("修改后的错误清单"), validators=[FileRequired(lazy_gettext("请选择文件。"))])


class LayoutForm(FlaskForm):
    """The name under which an office keeps how a file was read."""

    layout_name = StringField(lazy_gettext("模板名"), validators=[DataRequired(), Length(max=60)])


class RemapForm(FlaskForm):
    """How the file is to be read when it is checked again; the columns themselves are read by `web.shown.uploads`."""

    date_order = SelectField(lazy_gettext("日期顺序"), choices=choices(DATE_ORDERS), validators=[Optional()])
    sheet = StringField(lazy_gettext("工作表"), validators=[Optional(), Length(max=100)])
    register = StringField(lazy_gettext("来源登记簿"), validators=[Optional(), Length(max=100)])
    header_row = IntegerField(lazy_gettext("表头所在行"), validators=[Optional(), NumberRange(min=1, max=1000)])
    declared_totals = totals_field()
    create_units = BooleanField(lazy_gettext("名录中没有的单位自动新建"))
    partial = BooleanField(lazy_gettext("只导入无错误的行"))

    def options(self) -> dict[str, Any]:
        """The answers as import options; an empty field leaves the choice to the check."""
        return {
            "date_order": self.date_order.data or None,
            "sheet": self.sheet.data or None,
            "register": self.register.data or None,
            "header_row": self.header_row.data,
            "declared_totals": self.declared_totals.data or None,
            "create_units": self.create_units.data,
            "partial": self.partial.data,
        }
