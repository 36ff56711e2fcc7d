"""Page bodies that are the same for many readers, kept while nothing behind them changes.

A body holds no token, no name and no time; head, navigation and foot are made for each reader around it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from flask import current_app, request
from markupsafe import Markup

from web.languages import language
from web.session import viewer

MOST_BODIES = 200


class KeptBodies:
    """The bodies used last; safe between threads. Two readers who come at once may both make one."""

    def __init__(self, most: int = MOST_BODIES) -> None:
        self.most = most
        self._bodies: OrderedDict[Hashable, tuple[object, Markup]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, source: object, make: Callable[[], Markup]) -> Markup:
        """The body under a key made from this very source, else what `make` makes, which is kept."""
        with self._lock:
            found = self._bodies.get(key)
            if found is not None and found[0] is source:
                self._bodies.move_to_end(key)
                return found[1]
        body = make()
        with self._lock:
            self._bodies[key] = (source, body)
            while len(self._bodies) > self.most:
                self._bodies.popitem(last=False)
        return body


def body(source: object, make: Callable[[], str], *more: Hashable) -> Markup:
    """The body of this address for this role and language, made from `source`; `more` is what else it depends on."""
    bodies: KeptBodies = current_app.extensions.setdefault("kept_bodies", KeptBodies())
    query = tuple(sorted((k, v) for k, v in request.args.items(multi=True) if k != "lang"))
    key = (request.path, query, viewer().role, language(), more)
    return bodies.get(key, source, lambda: Markup(make()))
