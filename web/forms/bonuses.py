"""Forms of bonuses: proposing one, deciding on it."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from pipeline.judgement.cycle import LONGEST_TEXT
from web.forms.review import FILE_HINT, FILE_MARKS, ROWS


class BonusForm(FlaskForm):
    """What is proposed, for which unit and rule. The choices of both are set by the page."""

    unit = SelectField(lazy_gettext("单位"))
    rule = SelectField(lazy_gettext("加分项"))
    title = StringField(
        lazy_gettext("项目名称"),
        validators=[DataRequired(lazy_gettext("请填写项目名称。")), Length(max=200)],
    )
    items = IntegerField(
        lazy_gettext("项数"),
        default=1,
        validators=[DataRequired(lazy_gettext("至少 1 项。")), NumberRange(1, 100, lazy_gettext("请填 1 到 100。"))],
        description=lazy_gettext("每项的分值和合计上限由方案规定。"),
    )
    done_on = DateField(
        lazy_gettext("完成日期"), validators=[DataRequired(lazy_gettext("请填写日期，如 2025-06-30。"))]
    )
    valid_until = DateField(
        lazy_gettext("有效期至"),
        validators=[Optional()],
        description=lazy_gettext("不填则按方案规定的期限；可以更短，不能更长。"),
    )
    ground = TextAreaField(
        lazy_gettext("理由"),
        validators=[DataRequired(lazy_gettext("请写明理由。")), Length(max=LONGEST_TEXT)],
        description=lazy_gettext("写明做了什么、解决了哪类问题；不写群众和工作人员的姓名。"),
        render_kw=ROWS,
    )
    files = MultipleFileField(lazy_gettext("依据文件"), description=FILE_HINT, render_kw=FILE_MARKS)


class BonusRulingForm(FlaskForm):
    """Approving, refusing or taking back a bonus."""

    decision = HiddenField(validators=[DataRequired()])
    answer = TextAreaField(
        lazy_gettext("意见"),
        validators=[DataRequired(lazy_gettext("请写明理由。")), Length(max=LONGEST_TEXT)],
        render_kw=ROWS,
    )
