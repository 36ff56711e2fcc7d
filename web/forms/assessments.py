"""Making a draft."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from pipeline.judgement.cycle import LONGEST_TEXT
from web.forms.periods import readable_period


class DraftForm(FlaskForm):
    """Which scheme and which period. The choices of schemes are set by the page."""

    scheme = SelectField(lazy_gettext("评价方案"))
    period = StringField(
        lazy_gettext("评价时期"),
        validators=[DataRequired(lazy_gettext("请填写评价时期，如 2024 或 2024Q3。")), readable_period],
        description=lazy_gettext(
            "如 2024、2024H1、2024Q3、2024-03，或 2024-02-19..2024-03-18；每月从19日起算的写成 2024-03@19。"
        ),
    )


class StepForm(FlaskForm):
    """Taking an assessment on: the last day of the state it enters, and why."""

    until = DateField(
        lazy_gettext("截止日期"),
        validators=[Optional()],
        description=lazy_gettext("提交复核或进入申诉期时填写；留空表示不限。"),
    )
    why = StringField(lazy_gettext("说明"), validators=[Optional(), Length(max=LONGEST_TEXT)])


class CommentForm(FlaskForm):
    """What a unit says to its draft. The choices of indicators are set by the page."""

    indicator = SelectField(lazy_gettext("针对"))
    text = TextAreaField(
        lazy_gettext("意见"),
        validators=[DataRequired(lazy_gettext("请写明意见内容。")), Length(max=LONGEST_TEXT)],
        render_kw={"rows": 3},
    )
