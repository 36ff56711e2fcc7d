"""The own account: a new password, codes of the second factor."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Regexp

LONGEST = Length(max=1000, message=lazy_gettext("密码过长"))


class PasswordForm(FlaskForm):
    """The present password and the new one, twice."""

    old = PasswordField(lazy_gettext("现在的密码"), [InputRequired(lazy_gettext("请输入现在的密码")), LONGEST])
    new = PasswordField(
        lazy_gettext("新密码"),
        [InputRequired(lazy_gettext("请输入新密码")), LONGEST],
        description=lazy_gettext("至少 10 个字符；长比复杂更可靠，例如四个不相关的词。"),
    )
    again = PasswordField(
        lazy_gettext("再输一次新密码"),
        [InputRequired(lazy_gettext("请再输一次")), EqualTo("new", lazy_gettext("两次输入的新密码不一致"))],
    )


class CodeForm(FlaskForm):
    """A code of the second factor."""

    code = StringField(
        lazy_gettext("六位验证码"),
        [
            InputRequired(lazy_gettext("请输入验证码")),
            Regexp(r"^ *([0-9] *){6}$", message=lazy_gettext("验证码是六位数字")),
        ],
    )


class SwitchOffForm(FlaskForm):
    """The password, asked again before the second factor goes."""

    password = PasswordField(lazy_gettext("密码"), [InputRequired(lazy_gettext("请输入密码")), LONGEST])
