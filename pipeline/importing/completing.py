"""Bringing in the rest of a batch: the rows its file had and that were refused, corrected in the list of them."""

from __future__ import annotations

from dataclasses import replace

from imports.answer import CheckAnswer
from imports.options import ImportOptions
from pipeline.importing.confirming import BatchConflict
from records.instance import Instance
from records.models import Batch
from records.vocabulary import Kind


def options_completing(instance: Instance, number: int) -> tuple[Kind, ImportOptions]:
    """The kind and the options by which the corrected list of a batch's refused rows is read as its file was.

    Its rows keep their numbers and the cut-off of the export, so that they stand beside the others as if they had been
    right at once. Raises BatchConflict where the batch is not accepted or refused nothing.
    """
    with instance.session() as session:
        batch = session.get(Batch, number)
        if batch is None:
            raise BatchConflict(f"there is no batch {number}; see `wenxiao batches list`", "missing", batch=number)
        if batch.state != "accepted":
            sentence = f"batch {number} is {batch.state}; only a batch that is in can be completed"
            raise BatchConflict(sentence, "not_to_complete", batch=number)
        if not batch.n_rejected:
            sentence = f"batch {number} took every row of its file; there is nothing to complete"
            raise BatchConflict(sentence, "nothing_to_complete", batch=number)
        answer = CheckAnswer.from_json(batch.answer or {})
        given = {name: value for name, value in (batch.options or {}).items() if name != "repaired_sha256"}
        kind, options = Kind(batch.kind), ImportOptions.from_json(given)
    return kind, replace(
        options,
        completes=options.completes or number,
        declared_rows=None,
        declared_totals=None,
        sheet=answer.file.sheet,
        header_row=answer.file.header_row,
        layout=options.layout or answer.layout,
        exported_at=answer.exported_at,
    )


def has_refused_rows(instance: Instance, number: int) -> bool:
    """May the list of refused rows of this batch still be brought in?"""
    try:
        options_completing(instance, number)
    except BatchConflict:
        return False
    return True
