"""The file of boundaries."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class BoundariesForm(FlaskForm):
    """A GeoJSON file."""

    file = FileField(
        lazy_gettext("边界文件（GeoJSON）"),
        validators=[FileRequired(lazy_gettext("请选择文件。"))],
        description=lazy_gettext("每个面的属性 code 或 name 写单位代码、名称或别名，就会对应到该单位。"),
        render_kw={"accept": ".geojson,.json"},
    )
