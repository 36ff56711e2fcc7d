"""Why a batch could not be confirmed, withdrawn or restored, in the reader's words: who was faster, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from pipeline.house.jobs import JobProgress
from pipeline.importing import BatchConflict
from web.formats import moment
from web.names import person


def _faster(facts: Mapping[str, Any]) -> str:
    return gettext(
        "%(who)s已于 %(when)s 导入了同一来源、时期重叠的批次 %(batch)s（%(file)s），"
        "本次核对的数字不再成立。请重新校验本文件后再确认。",
        who=_who(facts), when=moment(facts["at"]), batch=facts["batch"], file=facts["file"],
    )  # fmt: skip


def _confirmed(facts: Mapping[str, Any]) -> str:
    return gettext(
        "批次 %(batch)s 已由%(who)s于 %(when)s 确认导入。",
        batch=facts["batch"], who=_who(facts), when=moment(facts["at"]),
    )  # fmt: skip


def _who(facts: Mapping[str, Any]) -> str:
    return Markup(person(facts["by"])).striptags()


SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "others_were_faster": _faster,
    "already_confirmed": _confirmed,
    "not_waiting": lambda facts: gettext("批次 %(batch)s 已不在待确认状态。请重新校验文件。", batch=facts["batch"]),
    "same_file_in": lambda facts: gettext(
        "同一文件已作为批次 %(batch)s 导入。请先撤回那一批次，再恢复本批次。", batch=facts["batch"]
    ),
    "directory_stays": lambda facts: gettext("单位名录不能撤回。请导入更正后的名录。"),
    "missing": lambda facts: gettext("没有批次 %(batch)s。", batch=facts["batch"]),
    "why_missing": lambda facts: gettext("请写明撤回批次 %(batch)s 的原因。", batch=facts["batch"]),
    "not_to_withdraw": lambda facts: gettext("批次 %(batch)s 不在库中，不能撤回。", batch=facts["batch"]),
    "not_to_restore": lambda facts: gettext("批次 %(batch)s 没有被撤回，不用恢复。", batch=facts["batch"]),
    "not_to_complete": lambda facts: gettext("批次 %(batch)s 不在库中，不能补齐其余的行。", batch=facts["batch"]),
    "nothing_to_complete": lambda facts: gettext(
        "批次 %(batch)s 的每一行都已入库，没有要补齐的行。", batch=facts["batch"]
    ),
}


def conflict_sentence(conflict: BatchConflict) -> str:
    """The sentence of a conflict in the language of the request."""
    return SENTENCES[conflict.code](conflict.facts)


def failure_sentence(told: JobProgress, failure: BaseException | None) -> str:
    """Why the worker could not confirm: a conflict in the language of the request, anything else as it was told."""
    return conflict_sentence(failure) if isinstance(failure, BatchConflict) else told.error or ""
