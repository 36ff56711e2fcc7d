"""Logging of the long-running processes: one line an event on standard error, libraries only when one warns."""

from __future__ import annotations

import logging

QUIET = ("alembic", "dbos", "waitress", "sqlalchemy")


def start_logging() -> None:
    """Set logging up for this process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
