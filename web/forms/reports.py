"""Ordering a report."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, ValidationError

from pipeline.reporting import FORMATS
from web.forms.choices import choices

KIND_NAMES = {
    "annual": lazy_gettext("年度评价报告"),
    "scorecard": lazy_gettext("单位评价表"),
    "workbook": lazy_gettext("数据工作簿"),
}
FORMAT_NAMES = {"docx": "Word（.docx）", "pdf": "PDF（.pdf）", "xlsx": "Excel（.xlsx）"}


class ReportForm(FlaskForm):
    """Which assessment, as what. The choices of assessments and units are set by the page."""

    assessment = SelectField(lazy_gettext("评价"), coerce=int)
    kind = SelectField(lazy_gettext("内容"), choices=choices(KIND_NAMES.items()))
    format = SelectField(
        lazy_gettext("格式"),
        choices=choices(FORMAT_NAMES.items()),
        description=lazy_gettext("报告和评价表用 Word 或 PDF，工作簿用 Excel。"),
    )
    unit = SelectField(lazy_gettext("单位"), description=lazy_gettext("只有单位评价表需要选择单位。"))
    language = SelectField(lazy_gettext("语言"), choices=choices([("zh", "中文"), ("en", "English")]))

    def validate_format(self, field: SelectField) -> None:
        """Each kind is written in some formats only."""
        if field.data not in FORMATS.get(self.kind.data or "", ()):
            raise ValidationError(lazy_gettext("这种内容没有所选的格式：报告和评价表选 Word 或 PDF，工作簿选 Excel。"))

    def validate_unit(self, field: SelectField) -> None:
        """A scorecard is about one unit."""
        if self.kind.data == "scorecard" and not field.data:
            raise ValidationError(lazy_gettext("请选择评价表的单位。"))
