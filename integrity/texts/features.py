"""The text pass: facts of every reply of one part, kept in a file beside it. Rebuildable, never evidence, never text.

Each row of a part is read once, when its batch is accepted; the detectors then work on these integers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np

from integrity.texts.reply import core, reply_facts
from metrics.shared_demands.text_vectors import normalised, unit_vectors
from records.vocabulary import FEATURE_COLUMNS

if TYPE_CHECKING:
    from scipy import sparse

VERSION = 4  # raised when the pass changes, so that files of an older pass are made again
EPOCH = date(1970, 1, 1).toordinal()
TOO_COMMON = 0.10


@dataclass(frozen=True)
class ReplyRow:
    """What the pass reads of one row."""

    register: str
    case_no: str
    batch: int
    message: str | None
    reply: str
    replied_at: datetime | None
    topic: str | None = None


def text_features(rows: Sequence[ReplyRow]) -> dict[str, list[object]]:
    """The columns of FEATURE_COLUMNS, one entry per row, in the order of the rows."""
    out: dict[str, list[object]] = {column.name: [] for column in FEATURE_COLUMNS}
    likeness, topic_likeness = _likeness(rows)
    seen: dict[tuple[str, date | None], dict[str, object]] = {}
    for row, like, topical in zip(rows, likeness, topic_likeness, strict=True):
        replied_on = row.replied_at.date() if row.replied_at else None
        key = (row.reply, replied_on)
        if key not in seen:
            seen[key] = _integers(row.reply, replied_on)
        for name, value in seen[key].items():
            out[name].append(value)
        for name, plain in (("register", row.register), ("case_no", row.case_no), ("batch", row.batch)):
            out[name].append(plain)
        out["likeness"].append(like)
        out["topic_likeness"].append(topical)
    return out


def _integers(reply: str, replied_on: date | None) -> dict[str, object]:
    facts = reply_facts(reply, replied_on)
    return {
        "core_length": facts.core_length,
        "is_perfunctory": int(facts.is_perfunctory),
        "is_forwarding": int(facts.is_forwarding),
        "is_refusal": int(facts.is_refusal),
        "points_elsewhere": int(facts.points_elsewhere),
        "finds_nothing": int(facts.finds_nothing),
        "elements": facts.elements,
        "has_promise": int(facts.has_promise),
        "promised_day": facts.promised_for.toordinal() - EPOCH if facts.promised_for else None,
        "signed_lag": (facts.signed_on - replied_on).days if facts.signed_on and replied_on else None,
    }


def _likeness(rows: Sequence[ReplyRow]) -> tuple[list[int | None], list[int | None]]:
    """Two cosines in thousandths, None where a text is missing: each reply with its message, and with the other replies
    of the part on the same topic (None where there is no other)."""
    if not rows:
        return [], []
    messages = [normalised(row.message or "") for row in rows]
    replies = [normalised(core(row.reply)) for row in rows]
    vectors = unit_vectors(messages + replies, TOO_COMMON).tocsr()
    own, answer = vectors[: len(rows)], vectors[len(rows) :]
    cosine = np.asarray(own.multiply(answer).sum(axis=1)).ravel()
    likeness = [round(float(c) * 1000) if m and r else None for c, m, r in zip(cosine, messages, replies, strict=True)]
    return likeness, _topic_likeness(answer, [row.topic for row in rows], replies)


def _topic_likeness(vectors: sparse.csr_matrix, topics: Sequence[str | None], replies: list[str]) -> list[int | None]:
    """Cosine of each reply with the sum of all other replies on its topic: r·(S - r) / |S - r|."""
    from scipy import sparse

    names = {topic: place for place, topic in enumerate(dict.fromkeys(topics))}
    places = np.array([names[topic] for topic in topics])
    members = sparse.csr_matrix(
        (np.ones(len(places)), (places, np.arange(len(places)))), shape=(len(names), len(places))
    )
    sums = members @ vectors
    inside = np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel()  # 1, or 0 for an empty text
    with_sum = np.asarray(vectors.multiply(sums[places]).sum(axis=1)).ravel()
    length = np.asarray(sums.multiply(sums).sum(axis=1)).ravel()[places]
    rest = np.sqrt(np.maximum(length - 2 * with_sum + inside, 0))
    cosine = np.divide(with_sum - inside, rest, out=np.zeros(len(places)), where=rest > 1e-9)
    return [
        round(float(c) * 1000) if topic is not None and reply and r > 1e-9 else None
        for c, topic, reply, r in zip(cosine, topics, replies, rest, strict=True)
    ]
