"""Drawing a round of ratings, and the marks of one item."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from evaluation.rules.rubric import Criterion, Form
from pipeline.judgement.cycle import LONGEST_TEXT
from web.forms.choices import choices
from web.forms.periods import readable_period
from web.languages import in_language


class DrawForm(FlaskForm):
    """Which form, which period, how many of each unit, with which seed. The choices are set by the page."""

    rubric = SelectField(lazy_gettext("评分表"))
    period = StringField(
        lazy_gettext("评价时期"),
        validators=[DataRequired(lazy_gettext("请填写评价时期，如 2024 或 2024Q3。")), readable_period],
        description=lazy_gettext(
            "如 2024、2024H1、2024Q3、2024-03，或 2024-02-19..2024-03-18；每月从19日起算的写成 2024-03@19。"
        ),
    )
    per_unit = IntegerField(
        lazy_gettext("每单位抽取"), validators=[InputRequired(), NumberRange(min=1, max=500)], default=30
    )
    seed = IntegerField(
        lazy_gettext("随机种子"),
        validators=[InputRequired(), NumberRange(min=0, max=2**31 - 1)],
        default=0,
        description=lazy_gettext("随抽样保存；同样的数据与种子抽到同样的件。"),
    )


def marks_form(rubric: Form, **kwargs: Any) -> FlaskForm:
    """A form with one choice of marks for each criterion, and a note."""
    fields = {criterion.code: _marks(criterion, rubric.top) for criterion in rubric.criteria}
    note = TextAreaField(lazy_gettext("备注"), validators=[Optional(), Length(max=LONGEST_TEXT)], render_kw={"rows": 2})
    made: FlaskForm = type("MarksForm", (FlaskForm,), {**fields, "note": note})(**kwargs)
    return made


def _marks(criterion: Criterion, top: int) -> RadioField:
    ends = {0: f"0 {in_language(criterion.low)}", top: f"{top} {in_language(criterion.high)}"}
    return RadioField(
        in_language(criterion.title),
        choices=choices((mark, ends.get(mark, str(mark))) for mark in range(top + 1)),
        coerce=int,
        validators=[InputRequired(lazy_gettext("请为每一项打分。"))],
    )
