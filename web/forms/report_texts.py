"""Writing a text for a chapter or unit of a report."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from pipeline.paper.text_editing import LONGEST


class TextForm(FlaskForm):
    """One text and the place it belongs to."""

    place = HiddenField()
    text = TextAreaField(
        lazy_gettext("文字"), validators=[Length(max=LONGEST)], render_kw={"rows": 8},
        description=lazy_gettext("数字写成 {metric.H2}、{unit.单位代码.score}、{results.median}，制作时自动填入。"),
    )  # fmt: skip
