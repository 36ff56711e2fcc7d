"""The language of a page: Chinese is the text in the code, English comes from the catalogue, and the person chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, request, session
from flask_babel import Babel, Domain, get_locale

from web.api.callers import is_api_request
from web.translations import catalogue_path, load

LANGUAGES = {"zh": "zh_CN", "en": "en"}
UNTRANSLATED = Translations()
NAMES = {"zh": "中文", "en": "English"}


class CatalogueDomain(Domain):
    """Reads the .po file itself: an installation has no compiled catalogue that could grow stale."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Translations | NullTranslations | None = None  # a domain lives for one request

    def get_translations(self) -> Translations | NullTranslations:
        """The translations of the current language; Chinese needs none."""
        if self._found is None:
            locale = get_locale()
            is_chinese = locale is None or locale.language == "zh"
            self._found = UNTRANSLATED if is_chinese else load(catalogue_path(locale.language))
        return self._found


class Languages(Babel):
    """Flask-Babel with the catalogue above."""

    @property
    def domain_instance(self) -> Domain:
        """The one domain of all messages."""
        return CatalogueDomain()


def language() -> str:
    """`zh` or `en`: the choice of this visit, else the person's, else the instance's, else Chinese."""
    for chosen in (session.get("language"), getattr(g.get("viewer"), "language", None)):
        if chosen in LANGUAGES:
            return chosen
    return current_app.config["LANGUAGE"]


def remember_choice() -> None:
    """Before each request: `?lang=en` chooses the language for the rest of the visit."""
    wanted = request.args.get("lang")
    if wanted in LANGUAGES and not is_api_request():
        session["language"] = wanted


def in_language(pair: Any) -> str:
    """The text of a Chinese and English pair in the current language.

    Takes `{"zh": …, "en": …}`, an object with `zh` and `en`, a tuple (zh, en), or a plain text, which is returned.
    """
    code = language()
    if pair is None or isinstance(pair, str):
        return pair or ""
    if isinstance(pair, Mapping):
        return pair.get(code) or pair.get("zh") or ""
    if isinstance(pair, tuple):
        return pair[1 if code == "en" else 0]
    return getattr(pair, code, None) or pair.zh


def other_language() -> dict[str, str]:
    """The link to the same page in the other language."""
    code = "en" if language() == "zh" else "zh"
    query = "&".join(f"{k}={v}" for k, v in request.args.items(multi=True) if k != "lang")
    return {"code": code, "name": NAMES[code], "href": f"?{query}&lang={code}" if query else f"?lang={code}"}


def speak(app: Flask) -> None:
    """Switch on translation for the application."""
    Languages(app, default_locale="zh_CN", locale_selector=lambda: LANGUAGES[language()])
    app.before_request(remember_choice)
    app.jinja_env.filters["in_language"] = in_language
    app.context_processor(lambda: {"language": language(), "other_language": other_language})
