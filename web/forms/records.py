"""The filters of the list of cases. They live in the address, so that a list can be sent to a colleague."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields import DateField
from wtforms.validators import Optional

from records.queries.cases import NOT_CLOSED
from web.forms.choices import choices
from web.words.codes import CHANNELS, STATES

ALL = ("", lazy_gettext("全部"))


class CaseSearchForm(FlaskForm):
    """Which cases to list. The choices of units are set by the page."""

    class Meta:
        """A search changes nothing and needs no token."""

        csrf = False

    case_no = StringField(lazy_gettext("工单编号"), validators=[Optional()])
    unit = SelectField(lazy_gettext("承办单位"), validators=[Optional()])
    channel = SelectField(lazy_gettext("渠道"), choices=choices([ALL, *CHANNELS.items()]), validators=[Optional()])
    state = SelectField(
        lazy_gettext("状态"),
        choices=choices([ALL, (NOT_CLOSED, lazy_gettext("尚未办结")), *STATES.items()]),
        validators=[Optional()],
    )
    since = DateField(lazy_gettext("受理起"), validators=[Optional()])
    until = DateField(lazy_gettext("受理止"), validators=[Optional()])
