"""Logging of the long-running processes: one line an event on standard error, libraries only when one warns."""

from __future__ import annotations

import json
import logging
import os

QUIET = ("alembic", "dbos", "waitress", "sqlalchemy")


class JsonLines(logging.Formatter):
    """One JSON object a line, for collectors of logs; chosen with `WENXIAO_LOG=json`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record.

        >>> JsonLines().format(logging.LogRecord("wenxiao", 20, "", 1, "batch %s", (7,), None))[-21:]
        '"message": "batch 7"}'
        """
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def start_logging() -> None:
    """Set logging up for this process."""
    handler = logging.StreamHandler()
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    handler.setFormatter(JsonLines() if os.environ.get("WENXIAO_LOG") == "json" else plain)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
