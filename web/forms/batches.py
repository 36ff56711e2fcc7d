"""Taking a batch back needs a reason."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length


class WithdrawForm(FlaskForm):
    """Why a batch is taken back."""

    why = StringField(
        lazy_gettext("撤回原因"),
        validators=[
            DataRequired(lazy_gettext("请写明撤回原因，它会记入审计记录。")),
            Length(max=500, message=lazy_gettext("撤回原因请控制在 500 字以内。")),
        ],
    )
