"""For monitors: alive, ready, and numbers. No page of these names a case or a person."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue

from pipeline.house import monitoring
from pipeline.house.monitoring import Sample
from records.access import Action
from web.session import for_action, instance, public

pages = Blueprint("house", __name__)
HELP = {
    "wenxiao_http_requests_total": "Answers of this process by method and status.",
    "wenxiao_http_seconds_total": "Seconds this process spent on answers.",
}


class Tally:
    """Requests of this process; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Counter[tuple[str, str]] = Counter()
        self._seconds = 0.0
        self._place = (("process", str(os.getpid())),)  # several processes may answer at one port

    def add(self, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        with self._lock:
            self._answers[method, str(status)] += 1
            self._seconds += seconds

    def samples(self) -> list[Sample]:
        """What was counted so far."""
        with self._lock:
            found = [
                Sample("wenxiao_http_requests_total", count, (("method", method), ("status", status), *self._place))
                for (method, status), count in sorted(self._answers.items())
            ]
            return [*found, Sample("wenxiao_http_seconds_total", self._seconds, self._place)]


@pages.record_once
def _count_requests(state: object) -> None:
    app: Flask = state.app  # type: ignore[attr-defined]
    app.extensions["wenxiao_tally"] = Tally()
    app.before_request_funcs.setdefault(None, []).insert(0, _start)
    app.after_request(_note)


@pages.get("/healthz")
@public
def health() -> ResponseReturnValue:
    """The process answers."""
    return jsonify({"status": "ok"})


@pages.get("/readyz")
@public
def readiness() -> ResponseReturnValue:
    """Database, folder and disk are fit; 503 names what is not."""
    found = monitoring.readiness(instance())
    return jsonify({"status": "ok" if all(found.values()) else "not ready", "checks": found}), (
        200 if all(found.values()) else 503
    )


@pages.get("/metrics")
@for_action(Action.OPERATE)
def metrics() -> ResponseReturnValue:
    """Numbers in the text form of Prometheus, for a monitor with the token of an administrator."""
    house = monitoring.exposition(monitoring.samples(instance()), monitoring.HELP)
    web = monitoring.exposition(current_app.extensions["wenxiao_tally"].samples(), HELP, kind="counter")
    return Response(house + web, content_type="text/plain; version=0.0.4; charset=utf-8")


def _start() -> None:
    g.started = time.perf_counter()


def _note(response: Response) -> Response:
    methods = ("GET", "POST", "DELETE")  # a closed list, so that nobody fills the memory with names
    method = request.method if request.method in methods else "other"
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    current_app.extensions["wenxiao_tally"].add(method, response.status_code, seconds)
    return response
