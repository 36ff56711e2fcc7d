"""Which shared demands to list. The fields live in the address."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import NumberRange, Optional


class DemandForm(FlaskForm):
    """A period as it is written everywhere, and from how many cases on."""

    class Meta:
        """A search changes nothing and needs no token."""

        csrf = False

    period = StringField(
        lazy_gettext("期间"),
        validators=[Optional()],
        description=lazy_gettext("如 2024Q3、2024-03，或 2024-02-19..2024-03-18；每月从19日起算的写成 2024-03@19。"),
    )
    least = IntegerField(lazy_gettext("至少件数"), default=2, validators=[Optional(), NumberRange(2, 10_000)])
