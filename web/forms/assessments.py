"""Making a draft."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, ValidationError
from wtforms.validators import DataRequired

from metrics.period import parse


class DraftForm(FlaskForm):
    """Which scheme and which period. The choices of schemes are set by the page."""

    scheme = SelectField(lazy_gettext("评价方案"))
    period = StringField(
        lazy_gettext("评价时期"),
        validators=[DataRequired(lazy_gettext("请填写评价时期，如 2024 或 2024Q3。"))],
        description=lazy_gettext("如 2024、2024H1、2024Q3、2024-03，或 2024-02-19..2024-03-18。"),
    )

    def validate_period(self, field: StringField) -> None:
        """A period the calculation can read."""
        try:
            parse((field.data or "").strip())
        except ValueError as error:
            raise ValidationError(lazy_gettext("无法识别这个时期，请写成 2024、2024H1、2024Q3 或 2024-03。")) from error
