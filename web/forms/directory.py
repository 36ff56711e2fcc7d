"""Another name for a unit, and a unit itself."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields import DateField
from wtforms.validators import DataRequired, Length, Optional


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


class UnitForm(FlaskForm):
    """One unit of the directory. The choices of units and peer groups are set by the page."""

    short_name = StringField(
        lazy_gettext("简称"), validators=[Length(max=100, message=lazy_gettext("请控制在 100 字以内。"))]
    )
    parent_code = SelectField(lazy_gettext("上级单位"), validators=[Optional()])
    peer_group = SelectField(lazy_gettext("同类组"), validators=[Optional()])
    is_assessed = BooleanField(lazy_gettext("参加评价"))
    valid_from = DateField(lazy_gettext("有效起"), validators=[Optional()])
    valid_to = DateField(
        lazy_gettext("有效止"), validators=[Optional()],
        description=lazy_gettext("撤销或并入的日期；从这一天起收到的工单算并入单位的。"),
    )  # fmt: skip
    merged_into = SelectField(lazy_gettext("并入单位"), validators=[Optional()])
