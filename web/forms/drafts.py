"""Beginning a draft of a scheme, and its text as a whole."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import HiddenInput

from pipeline.judgement.scheme_drafts import LONGEST_TEXT


class StartForm(FlaskForm):
    """Which scheme the draft begins as, and the new version. The choices are set by the page."""

    based_on = SelectField(lazy_gettext("以哪个版本为底稿"))
    version = StringField(
        lazy_gettext("新版本号"),
        validators=[DataRequired(lazy_gettext("请填写新版本号，如 2026.1。")), Length(max=20)],
        description=lazy_gettext("已发布的版本不再改动；修改总是另出新版本。"),
    )


class RevisionForm(FlaskForm):
    """The revision that was read, so that nobody's change is written over."""

    revision = IntegerField(widget=HiddenInput(), validators=[DataRequired()])


class TextForm(RevisionForm):
    """The whole text of a draft."""

    text = TextAreaField(
        lazy_gettext("方案原文（TOML）"),
        validators=[DataRequired(lazy_gettext("原文不能为空。")), Length(max=LONGEST_TEXT)],
        render_kw={"rows": 28, "spellcheck": "false", "class": "mono wide-text", "wrap": "off"},
    )
