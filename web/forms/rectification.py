"""Forms of improvement tasks: opening, handing in, deciding, and notes on good practice."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import DateField, HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from pipeline.judgement.cycle import LONGEST_TEXT
from web.forms.choices import choices
from web.forms.review import FILE_HINT, FILE_MARKS, ROWS

LONGEST = Length(max=LONGEST_TEXT)
NO_DATE = lazy_gettext("请填写日期，如 2025-06-30。")


class OpenForm(FlaskForm):
    """Which proposals become tasks, until when, and what counts as proof."""

    chosen = SelectMultipleField(lazy_gettext("事项"), validate_choice=False)
    due_on = DateField(lazy_gettext("整改期限"), validators=[DataRequired(NO_DATE)])
    proof = TextAreaField(
        lazy_gettext("以什么作为整改证明"),
        validators=[DataRequired(lazy_gettext("请写明以什么材料作为整改证明。")), LONGEST],
        description=lazy_gettext("如：整改措施和责任人、复核的工单清单、回访记录。"),
        render_kw=ROWS,
    )


class HandInForm(FlaskForm):
    """What the unit did, with its proof."""

    account = TextAreaField(
        lazy_gettext("整改情况"),
        validators=[DataRequired(lazy_gettext("请写明采取了什么措施。")), LONGEST],
        render_kw=ROWS,
    )
    files = MultipleFileField(lazy_gettext("证明材料"), description=FILE_HINT, render_kw=FILE_MARKS)


class AcceptForm(FlaskForm):
    """The decision on what was handed in."""

    decision = RadioField(
        lazy_gettext("结论"),
        choices=choices([("accepted", lazy_gettext("验收")), ("returned", lazy_gettext("退回"))]),
        validators=[DataRequired(lazy_gettext("请选择结论。"))],
    )
    due_on = DateField(
        lazy_gettext("退回后的期限"), validators=[Optional()], description=lazy_gettext("不填则期限不变。")
    )
    answer = TextAreaField(
        lazy_gettext("意见"), validators=[DataRequired(lazy_gettext("请写明理由。")), LONGEST], render_kw=ROWS
    )


class PracticeForm(FlaskForm):
    """A note on good practice of one improvement; `about` is unit and indicator."""

    about = HiddenField(validators=[DataRequired()])
    text = TextAreaField(
        lazy_gettext("经验做法"),
        validators=[DataRequired(lazy_gettext("请写明单位做了什么。")), LONGEST],
        description=lazy_gettext("写明做了什么、何时开始；数值会自动附上。不写群众和工作人员的姓名。"),
        render_kw=ROWS,
    )
