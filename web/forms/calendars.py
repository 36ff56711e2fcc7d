"""A year of the working calendar: the file, then what was read from it."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField
from wtforms.validators import DataRequired, Length


class YearForm(FlaskForm):
    """The file of a year."""

    file = FileField(
        lazy_gettext("年度日历文件"),
        validators=[FileRequired(lazy_gettext("请选择文件。"))],
        description=lazy_gettext(
            "xlsx 或 csv：第一列日期，第二列“放假”“上班”或当日工作时段（如 09:00-12:00）；没有列出的日子按每周时间。"
        ),
        render_kw={"accept": ".xlsx,.csv"},
    )


class KeepForm(FlaskForm):
    """What was read, once more, and the name of the file it came from."""

    days = HiddenField(validators=[DataRequired(), Length(max=40_000)])
    name = HiddenField(validators=[DataRequired(), Length(max=300)])
