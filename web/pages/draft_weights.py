"""Weights of a scheme draft from judgements in pairs (AHP): typed, computed with their consistency, taken over."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from evaluation.rules.judged import MOST, children, judged_weights
from pipeline.judgement import scheme_drafts
from pipeline.judgement.scheme_drafts import Draft, DraftRefused
from records.access import Action
from web.forms.drafts import RevisionForm
from web.languages import in_language
from web.session import for_action, instance, viewer
from web.shown import draft_weights, drafts

pages = Blueprint("draft_weights", __name__, url_prefix="/drafts")
may_edit = for_action(Action.EDIT_SCHEMES)


@pages.get("/<int:number>/weights")
@may_edit
def show(number: int) -> ResponseReturnValue:
    return _weights(_draft(number), request.args.get("parent", ""), {}, 200)


@pages.post("/<int:number>/weights")
@may_edit
def judge(number: int) -> ResponseReturnValue:
    draft, form, typed = _draft(number), RevisionForm(), request.form.to_dict()
    parent, document = typed.get("parent", ""), draft.document
    if not form.validate_on_submit() or document is None:
        abort(400)
    found = children(document, parent or None)
    if not 2 <= len(found) <= MOST:
        abort(400)
    answer, wrong = draft_weights.judged(found, typed)
    if wrong or answer is None or typed.get("to") != "take":
        return _weights(draft, parent, typed, 400 if wrong else 200)
    changed = judged_weights(document, parent or None, answer.weights.tolist())
    try:
        scheme_drafts.change(instance(), viewer(), number, changed, revision=form.revision.data or 0)
    except DraftRefused as refused:
        return _weights(_draft(number), parent, typed, 409, refusal=str(drafts.REFUSALS[refused.code]))
    flash(gettext("权重已写入草案。"), "ok")
    return redirect(url_for("drafts.show", number=number), 303)


def _draft(number: int) -> Draft:
    try:
        return scheme_drafts.get(instance(), number)
    except LookupError:
        abort(404)


def _weights(
    draft: Draft, parent: str, typed: dict[str, str], status: int, *, refusal: str | None = None
) -> tuple[str, int]:
    """The form of judgements in pairs, with the weights they give where some were typed."""
    document = draft.document or {"indicator": []}
    groups = [(row["id"], in_language(row.get("title", {})) or row["id"]) for row in document.get("group", [])]
    found = children(document, parent or None)
    can_judge = bool(typed) and 2 <= len(found) <= MOST
    answer, wrong = draft_weights.judged(found, typed) if can_judge else (None, {})
    total = sum(child.weight for child in found)
    page = render_template(
        "drafts/weights.html",
        draft=draft,
        parent=parent,
        parents=[("", gettext("一级指标")), *groups],
        children=found,
        pairs=draft_weights.pairs(found, typed),
        answer=answer,
        new=[total * share for share in answer.weights.tolist()] if answer else [],
        wrong={"": refusal} if refusal else wrong,
        most=MOST,
    )
    return page, status
