"""What a server has done before its first reader: templates compiled, numbers read, turns as they were."""

from __future__ import annotations

import sys

from flask import Flask

from pipeline.views import shown
from web import serve
from web.app import create_app


def test_templates_and_numbers_are_ready_before_the_first_reader(app: Flask, monkeypatch) -> None:
    fresh, usual, seen = create_app(app.extensions["wenxiao"]), sys.getswitchinterval(), []

    def read_ahead(instance: object) -> None:
        seen.append((instance, sys.getswitchinterval(), compiled(fresh)))

    monkeypatch.setattr(shown, "read_ahead", read_ahead)
    assert "units/_card.html" not in compiled(fresh)
    serve.make_ready(fresh)
    [(instance, turn, first)] = seen
    assert instance is app.extensions["wenxiao"]
    assert turn < usual == sys.getswitchinterval()
    assert {"base.html", "units/_card.html", "overview/show.html"} <= first
    assert compiled(fresh) == set(fresh.jinja_env.list_templates())


def test_compiled_templates_are_found_without_a_lock(app: Flask) -> None:
    assert type(app.jinja_env.cache) is dict  # Jinja's own cache makes all threads wait for the one that reads it


def compiled(app: Flask) -> set[str]:
    return {name for _, name in app.jinja_env.cache}
