"""Forms of objections and exclusions."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import FloatField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from pipeline.judgement.cycle import LONGEST_TEXT
from web.forms.choices import choices
from web.words.review import ACCEPTED, GROUNDS, REMEDIES

ROWS = {"rows": 4}
FILE_MARKS = {"accept": ACCEPTED}
FILE_HINT = lazy_gettext("可多选；PDF、图片、Word、Excel、OFD，每个不超过 20 MB。请先遮盖与本件无关的个人信息。")


def _reason(label: object) -> TextAreaField:
    needed = DataRequired(lazy_gettext("请写明理由。"))
    return TextAreaField(label, validators=[needed, Length(max=LONGEST_TEXT)], render_kw=ROWS)


class ObjectionForm(FlaskForm):
    """What a unit disputes and why. The choices of units and indicators are set by the page."""

    unit = SelectField(lazy_gettext("单位"))
    indicator = SelectField(lazy_gettext("有异议的指标"), description=lazy_gettext("针对单件工单时可不选。"))
    claimed = FloatField(
        lazy_gettext("本单位认为的数值"),
        validators=[Optional()],
        description=lazy_gettext("可不填；写法与页面上的数值相同，比率写百分数，如 95.5。"),
    )
    case_no = StringField(lazy_gettext("工单编号"), validators=[Optional(), Length(max=100)])
    register = StringField(
        lazy_gettext("来源"),
        validators=[Optional(), Length(max=100)],
        description=lazy_gettext("编号重复时才需要填写。"),
    )
    text = _reason(lazy_gettext("理由"))
    files = MultipleFileField(lazy_gettext("证明材料"), description=FILE_HINT, render_kw=FILE_MARKS)


class DecisionForm(FlaskForm):
    """The decision on an objection, with reasons the unit will read."""

    decision = RadioField(
        lazy_gettext("结论"),
        choices=choices([("accepted", lazy_gettext("成立")), ("refused", lazy_gettext("不成立"))]),
        validators=[DataRequired(lazy_gettext("请选择结论。"))],
    )
    remedy = SelectField(lazy_gettext("成立时如何处理"), choices=choices(REMEDIES.items()), default="none")
    answer = _reason(lazy_gettext("答复"))


class ExclusionForm(FlaskForm):
    """Which case is to be left out, for which ground, on which document."""

    unit = SelectField(lazy_gettext("承办单位"))
    case_no = StringField(
        lazy_gettext("工单编号"), validators=[DataRequired(lazy_gettext("请填写工单编号。")), Length(max=100)]
    )
    register = StringField(
        lazy_gettext("来源"),
        validators=[Optional(), Length(max=100)],
        description=lazy_gettext("编号重复时才需要填写。"),
    )
    ground = SelectField(lazy_gettext("理由"), choices=choices(GROUNDS.items()))
    note = TextAreaField(lazy_gettext("说明"), validators=[Optional(), Length(max=LONGEST_TEXT)], render_kw=ROWS)
    files = MultipleFileField(lazy_gettext("依据文件"), description=FILE_HINT, render_kw=FILE_MARKS)


class RulingForm(FlaskForm):
    """Approving, refusing or taking back an exclusion."""

    decision = HiddenField(validators=[DataRequired()])
    answer = _reason(lazy_gettext("意见"))
