"""Ordering a report."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, ValidationError

from pipeline.paper.reporting import FORMATS
from web.forms.choices import choices

KIND_NAMES = {
    "annual": lazy_gettext("年度评价报告"),
    "scorecard": lazy_gettext("单位评价表"),
    "workbook": lazy_gettext("数据工作簿"),
    "notice": lazy_gettext("月度通报"),
    "daily": lazy_gettext("日报"),
    "cases": lazy_gettext("诉求明细（每件一行）"),
    "evidence": lazy_gettext("评估材料包"),
    "opendata": lazy_gettext("开放数据包"),
}
FORMAT_NAMES = {"docx": "Word（.docx）", "pdf": "PDF（.pdf）", "xlsx": "Excel（.xlsx）", "zip": "ZIP（.zip）"}


class ReportForm(FlaskForm):
    """Which assessment, as what. The choices of assessments and units are set by the page."""

    assessment = SelectField(lazy_gettext("评价"), coerce=int)
    kind = SelectField(lazy_gettext("内容"), choices=choices(KIND_NAMES.items()))
    format = SelectField(
        lazy_gettext("格式"),
        choices=choices(FORMAT_NAMES.items()),
        description=lazy_gettext("报告、通报和评价表用 Word 或 PDF，工作簿和明细用 Excel，材料包和开放数据用 ZIP。"),
    )
    unit = SelectField(
        lazy_gettext("单位"),
        description=lazy_gettext("单位评价表和诉求明细可以选择单位；评价表不选单位时，制作全部单位的压缩包。"),
    )
    language = SelectField(lazy_gettext("语言"), choices=choices([("zh", "中文"), ("en", "English")]))

    def validate_format(self, field: SelectField) -> None:
        """Each kind is written in some formats only."""
        if field.data not in FORMATS.get(self.kind.data or "", ()):
            raise ValidationError(lazy_gettext("这种内容没有所选的格式，可选的格式见格式一栏的说明。"))
