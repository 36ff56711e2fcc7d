"""Run the torture and print its table; ends with 1 when anything was lost or broken."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import machine
from bench.torture.faults import EVERYWHERE, ON_SQLITE
from bench.torture.server_faults import ON_POSTGRESQL, SERVING
from bench.torture.victim import ASSESS, Victim, importing, lost_or_broken

FAULTS = {
    "sqlite": EVERYWHERE | ON_SQLITE | SERVING,
    "postgresql": EVERYWHERE | SERVING | ON_POSTGRESQL,
}
BATCHES_KEPT = 40  # a new instance is begun when one holds so many, so that verifying stays quick


@contextmanager
def victim_on(database: str, chance: random.Random) -> Iterator[Victim]:
    """A new instance with one batch and one draft, on SQLite or on a PostgreSQL server of its own."""
    with tempfile.TemporaryDirectory(prefix="wxtorture") as folder:
        victim = Victim(Path(folder) / "instance", chance)
        if database == "sqlite":
            os.environ.pop("WENXIAO_DATABASE_URL", None)
            yield begun(victim)
            return
        from tests.postgresql import make_database, server

        with server() as url:
            os.environ["WENXIAO_DATABASE_URL"] = make_database(url, "torture")
            victim.environment["WENXIAO_DATABASE_URL"] = os.environ["WENXIAO_DATABASE_URL"]
            yield begun(victim)


def begun(victim: Victim) -> Victim:
    """The instance with something in it to lose."""
    path, _ = victim.new_file()
    if not victim.note(victim.run(*importing(path)).stdout):
        raise SystemExit("the first import failed; nothing can be tested")
    victim.run(*ASSESS)
    return victim


def torment(
    faults: int, seed: int, database: str, kinds: list[str] | None = None, minutes: float = float("inf")
) -> tuple[Counter[str], list[str], int]:
    """Break instances so many times, or for so long; how often each fault was tried, what went wrong, and how many
    batches stood. What the torture itself does wrong counts as wrong, and it goes on."""
    end = time.monotonic() + 60 * minutes
    tried: Counter[str] = Counter()
    wrong: list[str] = []
    batches, chance = 0, random.Random(seed)
    chosen = kinds or list(FAULTS[database])
    while sum(tried.values()) < faults and time.monotonic() < end:
        with victim_on(database, chance) as victim:
            while sum(tried.values()) < faults and len(victim.accepted) < BATCHES_KEPT and time.monotonic() < end:
                number = sum(tried.values())
                kind = chosen[number % len(chosen)]
                tried[kind] += 1
                try:
                    FAULTS[database][kind](victim)
                except Exception as error:
                    victim.wrong.append(f"the torture itself: {type(error).__name__} {error}")
                wrong += [f"{kind} ({number}): {line}" for line in lost_or_broken(victim)]
            batches += len(victim.accepted)
    return tried, wrong, batches


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.torture")
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--database", choices=list(FAULTS), default="sqlite")
    parser.add_argument("--kind", action="append", help="Only this fault; may come several times.")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="End after so many minutes.")
    given = parser.parse_args()
    started = time.perf_counter()
    tried, wrong, batches = torment(given.faults, given.seed, given.database, given.kind, given.minutes)
    print(f"{machine()}, {given.database}, seed {given.seed}, {time.perf_counter() - started:.0f} s\n")
    print("| fault | tried | survived |\n| --- | --- | --- |")
    for kind, count in tried.items():
        broken = len({line.split(":")[0] for line in wrong if line.startswith(f"{kind} (")})
        print(f"| {kind} | {count} | {count - broken} |")
    print(f"\nfaults {sum(tried.values())}, batches accepted {batches}, lost or broken {len(wrong)}")
    for line in wrong:
        print(f"- {line}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
