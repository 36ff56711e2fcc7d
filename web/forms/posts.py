"""The term of a leading post, and the ceiling that is counted."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, DecimalField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

NO_DATE = lazy_gettext("请填写日期，如 2025-06-30。")


class TermForm(FlaskForm):
    """A post and its term. The choices of units are set by the page."""

    unit = SelectField(lazy_gettext("单位"), validators=[DataRequired(lazy_gettext("请选择单位。"))])
    post = StringField(
        lazy_gettext("职务"),
        validators=[DataRequired(lazy_gettext("请填写职务，如 主要负责人。")), Length(max=100)],
        description=lazy_gettext("只写职务，如 主要负责人、分管负责人；不写姓名。"),
    )
    from_day = DateField(lazy_gettext("任职第一天"), validators=[DataRequired(NO_DATE)])
    to_day = DateField(lazy_gettext("任职最后一天"), validators=[Optional()], description=lazy_gettext("在任的不填。"))


class EndForm(FlaskForm):
    """The last day of a term."""

    to_day = DateField(lazy_gettext("任职最后一天"), validators=[DataRequired(NO_DATE)])


class ShareForm(FlaskForm):
    """The ceiling of the best grade, in per cent of the units of a peer group."""

    class Meta:
        csrf = False

    share = DecimalField(
        lazy_gettext("最高档上限（占本组单位的百分比）"),
        places=None,
        validators=[Optional(), NumberRange(0, 100, lazy_gettext("请填 0 到 100 之间的数。"))],
    )
