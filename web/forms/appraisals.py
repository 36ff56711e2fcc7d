"""Uploading a file of appraisal tables."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class BookForm(FlaskForm):
    """The file, a TOML text."""

    file = FileField(
        lazy_gettext("对照文件（TOML）"),
        validators=[FileRequired(lazy_gettext("请选择文件。"))],
        description=lazy_gettext("可先下载示例，改好编号（id）、各行来源和满分后上传；同一编号的文件会被替换。"),
        render_kw={"accept": ".toml,text/plain"},
    )
