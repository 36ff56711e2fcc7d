"""The web application: a list of named steps, each of them small enough to be read."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from records.instance import Instance
from web import errors, formats, languages, limits, navigation, security, session, single_sign_on

ROOT = Path(__file__).parents[1]
MEGABYTE = 1 << 20

API = "web.api.v1"
# Every page area: its module has a blueprint named `pages`. Area X lives in web/pages/X.py and under the address /X.
BLUEPRINTS = (
    "web.plotly_asset",
    "web.drawn.icon",
    "web.pages.sign_in",
    "web.pages.open",
    "web.pages.overview",
    "web.pages.units",
    "web.pages.ranking",
    "web.pages.indicators",
    "web.pages.compare",
    "web.pages.search",
    "web.pages.help",
    "web.pages.people",
    "web.pages.directory",
    "web.pages.calendars",
    "web.pages.audit",
    "web.pages.account",
    "web.pages.house",
    "web.pages.records",
    "web.pages.demands",
    "web.pages.uploads",
    "web.pages.batches",
    "web.pages.methods",
    "web.pages.schemes",
    "web.pages.drafts",
    "web.pages.draft_weights",
    "web.pages.assessments",
    "web.pages.fairness",
    "web.pages.numbers",
    "web.pages.objections",
    "web.pages.exclusions",
    "web.pages.bonuses",
    "web.pages.rectification",
    "web.pages.appraisals",
    "web.pages.leadership",
    "web.pages.posts",
    "web.pages.reports",
    "web.pages.report_preview",
    "web.pages.facts",
    "web.pages.inbox",
    "web.pages.verify",
    "web.pages.report_texts",
    "web.pages.findings",
    "web.pages.samples",
    "web.pages.rubrics",
    "web.pages.surges",
    "web.pages.notices",
    "web.pages.layouts",
    "web.pages.map",
)


def create_app(instance: Instance | None = None, config: Mapping[str, Any] | None = None) -> Flask:
    """The application for one instance; without one, the instance of `$WENXIAO_INSTANCE` or `./instance`."""
    app = Flask("web", root_path=str(ROOT))
    # A plain dictionary holds the compiled templates: the usual cache has a lock that every piece of every page takes,
    # and a thread that loses its turn while it holds it stops all others.
    app.jinja_options = {**app.jinja_options, "cache_size": -1}
    _settings(app, config or {})
    _instance(app, instance)
    security.protect(app)
    single_sign_on.connect(app, app.extensions["wenxiao"])
    languages.speak(app)
    _who_is_looking(app)
    navigation.guide(app)
    formats.teach(app)
    errors.help_visitors(app)
    _pages(app)
    return app


def _settings(app: Flask, config: Mapping[str, Any]) -> None:
    app.config.from_mapping(MAX_CONTENT_LENGTH=256 * MEGABYTE)
    app.config.from_mapping(config)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _instance(app: Flask, instance: Instance | None) -> None:
    instance = instance or Instance.open()
    settings = instance.settings
    app.extensions["wenxiao"] = instance
    app.config.setdefault("LANGUAGE", settings.language)
    app.config["SESSION_COOKIE_SECURE"] = app.config["SESSION_COOKIE_SECURE"] or settings.is_cookie_secure
    app.config["SESSION_MINUTES"] = settings.session_minutes
    if not app.config["SECRET_KEY"]:
        # The cookie is signed with a key of the instance's key file: it survives a restart and is stored only there.
        app.config["SECRET_KEY"], *earlier = instance.keys.living("session")
        app.config["SECRET_KEY_FALLBACKS"] = earlier  # people who are signed in stay so when the key is replaced
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]


def _who_is_looking(app: Flask) -> None:
    app.before_request(session.load_viewer)
    app.before_request(session.refuse_others)


def _pages(app: Flask) -> None:
    for name in (*BLUEPRINTS, API):
        app.register_blueprint(import_module(name).pages)
    security.csrf.exempt(app.blueprints["api"])  # it takes no cookie, so no other site can use one
    limits.limit_callers(app)
