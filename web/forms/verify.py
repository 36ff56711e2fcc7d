"""Checking a document."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import StringField, ValidationError
from wtforms.validators import Length


class VerifyForm(FlaskForm):
    """The code printed on every page, or the file."""

    code = StringField(
        lazy_gettext("核验码"), validators=[Length(max=80)],
        description=lazy_gettext("印在报告封面、页眉和每张工作表上，例如 3AEF-7C18-D139。"),
    )  # fmt: skip
    file = FileField(
        lazy_gettext("或选择文件"),
        description=lazy_gettext("只计算文件的SHA-256，不保存文件；改动一个字节就对不上。"),
    )

    def validate_code(self, field: StringField) -> None:
        """One of the two is needed."""
        if not (field.data or "").strip() and not self.file.data:
            raise ValidationError(lazy_gettext("请填写核验码，或选择一个文件。"))
