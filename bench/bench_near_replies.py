"""Near-equal replies of a million: the keys of every reply, and which share one, against the plain pass.

The plain pass normalises each reply, puts one sign for every digit and hashes it: it finds replies that are equal but
for punctuation, width and numbers. Every tenth reply is a planted copy of another one with one to four of its
characters changed; recall is the share of the copies that share a key with what they were copied from.
"""

from __future__ import annotations

import hashlib
import re
import sys

from bench.measure import Ratio, report, run_apart

REPLIES = 1_000_000
COPIES = REPLIES // 10
LENGTH = 104
SEED = 20241126
LETTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定"
    "行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由"
)


def ratios() -> list[Ratio]:
    """Keys and shared keys against the plain pass, and the copies that are missed."""
    plain = run_apart("bench.bench_near_replies", "plain")
    near = run_apart("bench.bench_near_replies", "near")
    missed = 1 - near.answer["recall"]
    note = f"recall of planted copies {near.answer['recall']:.4f}, of the plain pass {plain.answer['recall']:.4f}"
    return [
        Ratio("near-equal replies of a million / plain normalise-and-hash pass", near.seconds, plain.seconds, 4.0,
              note=note),
        Ratio("planted copies missed / 2 %", missed, 0.02, 1.0, unit=""),
    ]  # fmt: skip


def replies() -> tuple[list[str], list[int]]:
    """A million replies; the last tenth are copies, and the list says of what."""
    import numpy as np

    random = np.random.default_rng(SEED)
    letters = np.frombuffer(LETTERS.encode("utf-32-le"), np.uint32)
    signs = letters[random.integers(0, len(letters), (REPLIES, LENGTH), dtype=np.uint8)]
    source = random.integers(0, REPLIES - COPIES, COPIES)
    signs[-COPIES:] = signs[source]
    changed, rows = random.integers(1, 5, COPIES), np.arange(REPLIES - COPIES, REPLIES)
    for number in range(4):
        chosen = rows[changed > number]
        places = random.integers(0, LENGTH, len(chosen))
        signs[chosen, places] = letters[random.integers(0, len(letters), len(chosen))]
    text = signs.tobytes().decode("utf-32-le")
    return [text[i * LENGTH : (i + 1) * LENGTH] for i in range(REPLIES)], source.tolist()


def _plain() -> None:
    from metrics.shared_demands.text_vectors import normalised

    texts, source = replies()
    digit, prints = re.compile(r"\d"), []

    def work() -> dict:
        for text in texts:
            prints.append(hashlib.blake2b(digit.sub("#", normalised(text)).encode(), digest_size=8).digest())
        counted: dict[bytes, int] = {}
        for one in prints:
            counted[one] = counted.get(one, 0) + 1
        return {"groups": len(counted)}

    found = work_and_recall(work, lambda: sum(prints[-COPIES + i] == prints[s] for i, s in enumerate(source)))
    report(found)


def _near() -> None:
    import numpy as np

    from metrics.shared_demands.near_duplicates import near_prints
    from metrics.shared_demands.text_vectors import normalised

    texts, source = replies()
    made: list = []

    def work() -> dict:
        keys = np.empty((len(texts), 10), np.int64)
        for start in range(0, len(texts), 100_000):
            keys[start : start + 100_000] = near_prints([normalised(text) for text in texts[start : start + 100_000]])
        made.append(keys)
        shared = [len(np.unique(column)) for column in keys.T]
        return {"groups": min(shared)}

    found = work_and_recall(work, lambda: (made[0][-COPIES:] == made[0][source]).any(axis=1).sum())
    report(found)


def work_and_recall(work, hits):
    """The work, timed by itself, with the recall reckoned after the clock has stopped."""
    import time

    def both() -> dict:
        started = time.perf_counter()
        answer = work()
        seconds = time.perf_counter() - started
        return {**answer, "seconds": seconds, "recall": float(hits()) / COPIES}

    return both


if __name__ == "__main__":
    {"plain": _plain, "near": _near}[sys.argv[1]]()
