"""Steps of the review desk, the unit's answer, and the verification sample."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DecimalField, IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from web.forms.choices import choices
from web.forms.periods import readable_period
from web.words.finding_words import CONFIRMED_AS, STATES

LONGEST = Length(max=4000, message=lazy_gettext("请控制在 4000 字以内。"))
ALL = ("", lazy_gettext("全部"))


class QueueForm(FlaskForm):
    """What the queue shows."""

    class Meta:
        csrf = False

    period = SelectField(lazy_gettext("时期"), id="wanted-period", validators=[Optional()], validate_choice=False)
    detector = SelectField(lazy_gettext("线索类型"), validators=[Optional()], validate_choice=False)
    state = SelectField(lazy_gettext("状态"), choices=choices([ALL, *STATES.items()]), validators=[Optional()],
                        validate_choice=False)  # fmt: skip


class SearchForm(FlaskForm):
    """For which period to look."""

    period = StringField(
        lazy_gettext("时期"),
        validators=[DataRequired(lazy_gettext("请填写时期，如 2024 或 2024Q3。")), readable_period],
        description=lazy_gettext("如 2024、2024H1、2024Q3、2024-03，或 all；每月从19日起算的写成 2024-03@19。"),
    )
    scheme = SelectField(lazy_gettext("阈值取自方案"), validators=[Optional()], validate_choice=False)


class AssignForm(FlaskForm):
    """Who deals with a finding."""

    to = SelectField(lazy_gettext("经办人"), validate_choice=False)


class AskForm(FlaskForm):
    """What the unit is asked."""

    question = TextAreaField(
        lazy_gettext("请单位说明的问题"), validators=[DataRequired(lazy_gettext("请写明要单位说明什么。")), LONGEST]
    )


class AnswerForm(FlaskForm):
    """What the unit says."""

    text = TextAreaField(lazy_gettext("说明内容"), validators=[DataRequired(lazy_gettext("请填写说明。")), LONGEST])


class DecideForm(FlaskForm):
    """The decision and its reason."""

    outcome = SelectField(
        lazy_gettext("结论"), choices=choices((name, STATES[name]) for name in ("explained", "data_error", "confirmed"))
    )
    confirmed_as = SelectField(
        lazy_gettext("对应方案中的事项（仅“已核实”）"), choices=choices(CONFIRMED_AS.items()), default=""
    )
    reason = TextAreaField(
        lazy_gettext("理由"), validators=[DataRequired(lazy_gettext("请写明理由，它会记入审计记录。")), LONGEST]
    )


class ReopenForm(FlaskForm):
    """Why a decision is taken back."""

    reason = StringField(
        lazy_gettext("重新打开的理由"),
        validators=[DataRequired(lazy_gettext("请写明理由，它会记入审计记录。")), LONGEST],
    )


class ProtectedForm(FlaskForm):
    """What a citizen told about a contact after a rating."""

    unit = SelectField(lazy_gettext("涉及的单位"), validate_choice=False)
    text = TextAreaField(lazy_gettext("反映的情况"), validators=[DataRequired(lazy_gettext("请写明情况。")), LONGEST])


class SampleForm(SearchForm):
    """A new verification sample."""

    size = IntegerField(
        lazy_gettext("件数"),
        validators=[Optional(), NumberRange(1, 20_000, lazy_gettext("件数请填 1 到 20000。"))],
        description=lazy_gettext("留空则按误差 5 个百分点计算。"),
    )
    seed = IntegerField(lazy_gettext("随机种子"), default=0, validators=[NumberRange(0, 2**31 - 1)])


class SizeForm(FlaskForm):
    """How many answers a survey needs. It lives in the address and changes nothing."""

    class Meta:
        csrf = False

    population = IntegerField(
        lazy_gettext("总数"),
        validators=[DataRequired(), NumberRange(1, 1_000_000_000, lazy_gettext("总数请填 1 以上的整数。"))],
        description=lazy_gettext("有多少件诉求或多少人要代表。"),
    )
    margin = DecimalField(
        lazy_gettext("误差（百分点）"),
        default=5,
        validators=[DataRequired(), NumberRange(0.1, 50, lazy_gettext("误差请填 0.1 到 50 个百分点。"))],
    )
    answers = IntegerField(
        lazy_gettext("已有回答"),
        validators=[Optional(), NumberRange(1, 1_000_000_000, lazy_gettext("请填 1 以上的整数。"))],
        description=lazy_gettext("选填：算出已有回答的误差。"),
    )

    def validate_answers(self, field: IntegerField) -> None:
        """More answers than there are people are a mistake."""
        if field.data and self.population.data and field.data > self.population.data:
            raise ValidationError(gettext("回答比总数还多。"))
