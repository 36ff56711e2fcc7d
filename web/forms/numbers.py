"""What to ask of the metrics: which one, when, whose rows, split by what. The fields live in the address."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import Optional

from web.forms.choices import choices

SPLITS = {
    "category": lazy_gettext("问题分类"),
    "channel": lazy_gettext("渠道"),
    "case_type": lazy_gettext("诉求类型"),
    "urgency": lazy_gettext("紧急程度"),
}


class NumbersForm(FlaskForm):
    """One question. The choices of metrics and units are set by the page."""

    class Meta:
        """A question changes nothing and needs no token."""

        csrf = False

    metric = SelectField(lazy_gettext("指标"), validators=[Optional()])
    period = StringField(lazy_gettext("期间"), validators=[Optional()])
    base = SelectField(
        lazy_gettext("谁的数字"),
        choices=choices(
            [
                ("unit", lazy_gettext("各单位")),
                ("peer_group", lazy_gettext("各同类组")),
                ("total", lazy_gettext("全部单位")),
            ]
        ),
        validators=[Optional()],
    )
    span = SelectField(
        lazy_gettext("按时间细分"),
        choices=choices(
            [("", lazy_gettext("不细分")), ("month", lazy_gettext("按月")), ("quarter", lazy_gettext("按季"))]
        ),
        validators=[Optional()],
    )
    split = SelectField(
        lazy_gettext("按性质细分"),
        choices=choices([("", lazy_gettext("不细分")), *SPLITS.items()]),
        validators=[Optional()],
    )
    unit = SelectField(lazy_gettext("承办单位"), validators=[Optional()])
    scope = SelectField(
        lazy_gettext("口径"),
        choices=choices([("kept", lazy_gettext("不计已剔除的")), ("all", lazy_gettext("全部工单"))]),
        validators=[Optional()],
    )
