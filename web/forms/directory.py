"""Another name for a unit."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length


class AliasForm(FlaskForm):
    """A name as files write it, and the unit it means. The choices of units are set by the page."""

    alias = StringField(
        lazy_gettext("文件中的写法"),
        validators=[
            DataRequired(lazy_gettext("请填写文件中出现的单位名称。")),
            Length(max=200, message=lazy_gettext("请控制在 200 字以内。")),
        ],
    )
    unit = SelectField(lazy_gettext("对应单位"), validators=[DataRequired(lazy_gettext("请选择单位。"))])
