"""The sign-in form."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    """Sign-in name and password; whether they fit is settled by `pipeline.house.people`."""

    sign_in = StringField(
        lazy_gettext("账号"),
        [InputRequired(lazy_gettext("请输入账号")), Length(max=120, message=lazy_gettext("账号过长"))],
    )
    password = PasswordField(
        lazy_gettext("密码"),
        [InputRequired(lazy_gettext("请输入密码")), Length(max=1000, message=lazy_gettext("密码过长"))],
    )
