"""Adding a person, and giving one another role."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Regexp, ValidationError

from records.credentials import WeakPassword, check_password_rules
from records.vocabulary import Role
from web.forms.choices import choices

ROLE_NAMES = {
    Role.ASSESSOR: lazy_gettext("评估人员"),
    Role.UNIT_HEAD: lazy_gettext("单位负责人"),
    Role.ORG_DEPT: lazy_gettext("组织部"),
    Role.AUDITOR: lazy_gettext("审计员"),
    Role.ADMIN: lazy_gettext("管理员"),
}


class PersonForm(FlaskForm):
    """Who the person is and what the person does here. The choices of units are set by the page."""

    sign_in = StringField(
        lazy_gettext("账号"),
        validators=[
            DataRequired(lazy_gettext("请填写账号。")),
            Length(max=100, message=lazy_gettext("账号请控制在 100 字以内。")),
            Regexp(r"^[A-Za-z0-9._@-]+$", message=lazy_gettext("账号请用字母、数字、点、横线或 @，如 zhang.san。")),
        ],
    )
    name = StringField(
        lazy_gettext("姓名"),
        validators=[DataRequired(lazy_gettext("请填写姓名。")), Length(max=100)],
    )
    role = SelectField(lazy_gettext("角色"), choices=choices((role.value, name) for role, name in ROLE_NAMES.items()))
    unit = SelectField(
        lazy_gettext("所属单位"),
        description=lazy_gettext("单位负责人必须选择；其他角色可留空。"),
    )
    password = PasswordField(
        lazy_gettext("初始密码"),
        validators=[
            DataRequired(lazy_gettext("请设置初始密码。")),
        ],
    )

    def validate_password(self, field: PasswordField) -> None:
        """The same rules as everywhere, told in the reader's words."""
        try:
            check_password_rules(field.data or "", sign_in=(self.sign_in.data or "").lower())
        except WeakPassword as error:
            raise ValidationError(lazy_gettext("请换一个更长、不常见、不含账号的密码。")) from error

    def validate_unit(self, field: SelectField) -> None:
        """A unit head has a unit."""
        if self.role.data == Role.UNIT_HEAD and not field.data:
            raise ValidationError(lazy_gettext("请选择单位负责人所属的单位。"))


class RoleForm(FlaskForm):
    """What an account may do here. The choices of units are set by the page."""

    role = SelectField(lazy_gettext("角色"), choices=choices((role.value, name) for role, name in ROLE_NAMES.items()))
    unit = SelectField(
        lazy_gettext("所属单位"),
        description=lazy_gettext("单位负责人必须选择；其他角色可留空。"),
    )
    survey_role = BooleanField(
        lazy_gettext("调查角色"),
        description=lazy_gettext("可逐条查看评价和回访内容，每次查看都留记录。"),
    )
    validate_unit = PersonForm.validate_unit
