"""What the worker does by itself every day. Several workers may ask for it; the name of the day makes it one job."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from pipeline.house import jobs
from pipeline.paper import standing_orders
from records.clock import now
from records.instance import Instance

DAILY: dict[str, int] = {"self_check": 3, "retention": 4}
"""Kind of job -> hour of the day, in the zone of the instance, from which it is due."""
SECONDS_BETWEEN = 600.0

log = logging.getLogger("wenxiao.schedule")


def due(moment: datetime) -> list[tuple[str, str]]:
    """Kind and name of the jobs that are due at a local time.

    >>> due(datetime(2025, 3, 7, 2, 59)), due(datetime(2025, 3, 7, 3, 0))
    ([], [('self_check', 'self_check-2025-03-07')])
    """
    return [(kind, f"{kind}-{moment.date().isoformat()}") for kind, hour in DAILY.items() if moment.hour >= hour]


def ask(instance: Instance, moment: datetime) -> None:
    """Queue what is due and was not queued yet, standing orders of documents among it."""
    for kind, name in due(moment):
        if kind == "retention" and not instance.settings.retention_months:
            continue  # everything is kept
        jobs.enqueue_once(instance, kind, name)
    standing_orders.make_due(instance, moment.date())


def keep(instance: Instance, stop: threading.Event) -> None:
    """Ask again and again until `stop` is set; a database that is away for a while is asked later."""
    while not stop.wait(SECONDS_BETWEEN):
        try:
            ask(instance, now().astimezone(instance.zone))
        except SQLAlchemyError as error:
            log.warning("the daily jobs wait: %s", " ".join(str(error).split())[:200])
        except Exception:  # one order that cannot be made must not end the daily work for good
            log.exception("the daily jobs wait")
