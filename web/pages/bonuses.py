"""Bonuses: who proposed which documented work, who approved it, and until when it counts."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from pipeline.judgement import bonuses
from pipeline.judgement.evidence_files import EvidenceRefused
from records.access import Action, can
from records.queries import bonuses as stored
from records.queries import units
from reports import numbers
from web.forms.bonuses import BonusForm, BonusRulingForm
from web.forms.choices import choices
from web.languages import in_language
from web.session import for_action, instance, viewer
from web.words.review import REFUSALS as FILE_REFUSALS
from web.words.review import given

pages = Blueprint("bonuses", __name__, url_prefix="/bonuses")
may_see = for_action(Action.SEE_BONUSES)
may_propose = for_action(Action.PROPOSE_BONUSES)
STATES = {
    "proposed": lazy_gettext("待审批"),
    "approved": lazy_gettext("已批准"),
    "expired": lazy_gettext("已过有效期"),
    "refused": lazy_gettext("未批准"),
    "withdrawn": lazy_gettext("已撤回"),
}
STATE_KINDS = {"proposed": "warn", "approved": "ok", "expired": "plain", "refused": "plain", "withdrawn": "plain"}
REFUSALS = {
    **FILE_REFUSALS,
    "unknown_unit": lazy_gettext("名录中没有这个参评单位。"),
    "unknown_rule": lazy_gettext("请选择一项加分规则；没有可选的，是因为现有方案都没有加分项。"),
    "no_title": lazy_gettext("请填写项目名称。"),
    "no_items": lazy_gettext("至少 1 项。"),
    "not_done_yet": lazy_gettext("完成日期不能晚于今天。"),
    "ends_before_it_begins": lazy_gettext("有效期不能早于完成日期。"),
    "valid_too_long": lazy_gettext("有效期超过了方案规定的期限，请改早或不填。"),
}


@pages.get("")
@may_see
def index() -> ResponseReturnValue:
    return _index(BonusForm(formdata=None) if can(viewer(), Action.PROPOSE_BONUSES) else None, 200)


@pages.post("")
@may_propose
def create() -> ResponseReturnValue:
    form = _with_choices(BonusForm())
    if not form.validate_on_submit() or form.done_on.data is None:
        return _index(form, 400)
    wanted = bonuses.Wanted(
        form.unit.data, form.rule.data, form.title.data or "", form.ground.data or "", form.done_on.data,
        form.valid_until.data, form.items.data or 0,
    )  # fmt: skip
    try:
        made = bonuses.propose(instance(), viewer(), wanted, given(form.files.data or ()))
    except (bonuses.BonusRefused, EvidenceRefused) as refused:
        form.form_errors.append(str(REFUSALS[refused.code]))
        return _index(form, 400)
    return redirect(url_for("bonuses.show", bonus=made), 303)


@pages.get("/<int:bonus>")
@may_see
def show(bonus: int) -> ResponseReturnValue:
    return _show(bonus, BonusRulingForm(formdata=None), 200)


@pages.post("/<int:bonus>/decide")
@may_propose
def decide(bonus: int) -> ResponseReturnValue:
    form = BonusRulingForm()
    if not form.validate_on_submit():
        return _show(bonus, form, 400)
    answer = form.answer.data or ""
    try:
        if form.decision.data == "withdraw":
            bonuses.take_back(instance(), viewer(), bonus, why=answer)
        else:
            bonuses.decide(instance(), viewer(), bonus, is_approved=form.decision.data == "approve", answer=answer)
    except bonuses.BonusRefused as refused:
        flash(str(REFUSALS[refused.code]), "error")
    else:
        flash(gettext("已处理。下一次制作草稿或重新计算时生效。"), "ok")
    return redirect(url_for("bonuses.show", bonus=bonus), 303)


def _index(form: BonusForm | None, status: int) -> tuple[str, int]:
    asked = request.args.get("state")
    with instance().session() as session:
        rows = stored.list_bonuses(session, viewer=viewer())
    day = instance().today()
    page = render_template(
        "bonuses/index.html",
        rows=[row for row in rows if asked is None or row.state_on(day) == asked],
        form=_with_choices(form) if form else None,
        rules={rule.key: rule for rule in bonuses.rules(instance())},
        day=day,
        states=STATES,
        state_kinds=STATE_KINDS,
    )
    return page, status


def _with_choices(form: BonusForm) -> BonusForm:
    with instance().session() as session:
        found = [(row.code, row.name) for row in units.list_units(session, viewer=viewer()) if row.is_assessed]
    form.unit.choices = choices(
        (code, name) for code, name in found if can(viewer(), Action.PROPOSE_BONUSES, unit=code)
    )
    form.rule.choices = choices((rule.key, _rule_text(rule)) for rule in bonuses.rules(instance()))
    return form


def _rule_text(rule: bonuses.Rule) -> str:
    """A rule as it is chosen: scheme, title, points of an item, validity."""
    return gettext(
        "%(scheme)s：%(title)s（每项 %(points)s 分，有效 %(months)s 个月）",
        scheme=in_language(rule.scheme.title),
        title=in_language(rule.item.title) or rule.item.code,
        points=numbers.fixed(rule.item.per_item, 1),
        months=rule.item.valid_months,
    )


def _show(bonus: int, form: BonusRulingForm, status: int) -> tuple[str, int]:
    with instance().session() as session:
        row = stored.bonus(session, viewer=viewer(), number=bonus)
    if row is None:
        abort(404)
    may_decide = row.state == "proposed" and bonuses.may_decide(viewer(), row.unit_code, row.proposed_by)
    is_mine = row.state == "proposed" and row.proposed_by == viewer().sign_in
    may_take_back = is_mine or (row.state == "approved" and can(viewer(), Action.DECIDE_BONUSES, unit=row.unit_code))
    page = render_template(
        "bonuses/show.html",
        row=row,
        rule=next((r for r in bonuses.rules(instance()) if r.key == f"{row.scheme_id}:{row.rule}"), None),
        form=form if may_decide or may_take_back else None,
        may_decide=may_decide,
        state=row.state_on(instance().today()),
        states=STATES,
    )
    return page, status
