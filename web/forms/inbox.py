"""Standing orders: documents made again and again."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, ValidationError

from pipeline.paper.reporting import FORMATS
from pipeline.paper.standing_orders import RHYTHMS
from web.forms.choices import choices
from web.forms.reports import FORMAT_NAMES, KIND_NAMES

RHYTHM_NAMES = {"daily": lazy_gettext("每天"), "monthly": lazy_gettext("每月"), "yearly": lazy_gettext("每年")}
KINDS = dict.fromkeys(kind for kinds in RHYTHMS.values() for kind in kinds)


class StandingOrderForm(FlaskForm):
    """What is wanted, and how often. The choices of schemes and units are set by the page."""

    rhythm = SelectField(lazy_gettext("周期"), choices=choices(RHYTHM_NAMES.items()))
    kind = SelectField(
        lazy_gettext("内容"),
        choices=choices((kind, KIND_NAMES[kind]) for kind in KINDS),
        description=lazy_gettext(
            "每天：日报。每月：通报、评价表、工作簿。每年：年度报告、评价表、工作簿、材料包、开放数据。"
        ),
    )
    format = SelectField(lazy_gettext("格式"), choices=choices(FORMAT_NAMES.items()))
    scheme = SelectField(lazy_gettext("评价方案"))
    unit = SelectField(lazy_gettext("单位"), description=lazy_gettext("只有单位评价表需要选择单位。"))
    mail_to = StringField(lazy_gettext("同时发到邮箱"), description=lazy_gettext("可不填。文件始终会进入收件箱。"))

    def validate_kind(self, field: SelectField) -> None:
        """Each document has its rhythms."""
        if field.data not in RHYTHMS.get(self.rhythm.data or "", ()):
            raise ValidationError(lazy_gettext("这种内容不按所选的周期制作，可选的内容见说明。"))

    def validate_format(self, field: SelectField) -> None:
        """Each kind is written in some formats only."""
        if field.data not in FORMATS.get(self.kind.data or "", ()):
            raise ValidationError(lazy_gettext("这种内容没有所选的格式。"))
