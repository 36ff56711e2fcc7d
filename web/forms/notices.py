"""Marking notices as read."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import Regexp


class ReadForm(FlaskForm):
    """Up to which notice the reader has seen them."""

    up_to = HiddenField(validators=[Regexp(r"[0-9]{1,12}\Z")])
