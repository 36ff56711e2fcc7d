"""What follows from a result: tasks, leadership teams, years, results by post, and bonuses."""

from __future__ import annotations

from typing import Any

from pipeline.judgement import bonuses as bonus_rules
from pipeline.judgement import rectification, tenures
from pipeline.views import leadership, overview
from pipeline.views.prepared import Prepared
from records.access import Action
from records.queries import bonuses, improvement
from web.api.operations import Parameter, Table, in_path
from web.api.problems import ApiError
from web.api.schema import body, one_of, schema_of, text, whole
from web.session import instance, viewer

NUMBER = whole(1, 2**31 - 1)
ASSESSMENT = Parameter("assessment", NUMBER, "Number of the assessment; the newest this token may see without.")
UNIT = Parameter("unit", text(longest=64), "Only this unit.")
HEAD: dict[str, Any] = {
    "assessment": {"type": "integer"}, "period": {"type": "string"}, "state": {"type": "string"},
}  # fmt: skip
TASK = schema_of(rectification.ToldTask)
BONUS = schema_of(bonuses.BonusRow)
TASK_STATES = ("open", "handed_in", "returned", "accepted", "overdue")
BONUS_STATES = ("proposed", "approved", "expired", "refused", "withdrawn")
following = Table()
add = following.add


def answer(**rows: Any) -> dict[str, Any]:
    """The schema of an answer with these fields, each of them there."""
    return {"type": "object", "properties": rows, "required": list(rows)}


def many(kind: Any) -> dict[str, Any]:
    """The schema of a list of one kind of row."""
    return {"type": "array", "items": kind if isinstance(kind, dict) else schema_of(kind)}


@add(
    "GET", "/rectification", "Improvement tasks with their state today and what the next period says.",
    action=Action.SEE_RECTIFICATION, answer=answer(tasks=many(TASK)),
    parameters=(
        Parameter("assessment", NUMBER, "Only tasks of this assessment."), UNIT,
        Parameter("state", one_of(*TASK_STATES), "Only tasks in this state today."),
    ),
)  # fmt: skip
def list_tasks(*, assessment: int | None = None, unit: str | None = None, state: str | None = None) -> dict[str, Any]:
    with instance().session() as session:
        rows = improvement.list_tasks(session, viewer=viewer(), number=assessment, unit=unit)
    told = rectification.told(instance(), viewer(), rows)
    return {"tasks": [task for task in told if state is None or task.state == state]}


@add(
    "GET", "/rectification/{task}", "One improvement task with its proofs by name and hash.",
    action=Action.SEE_RECTIFICATION, answer=TASK, parameters=(in_path("task", "Number of the task.", NUMBER),),
)  # fmt: skip
def show_task(*, task: int) -> rectification.ToldTask:
    with instance().session() as session:
        row = improvement.task(session, viewer=viewer(), number=task)
    if row is None:
        raise ApiError(404)
    return rectification.told(instance(), viewer(), [row])[0]


@add(
    "GET", "/leadership", "Leadership teams in their peer groups: band, interval, change, objections, ceiling.",
    action=Action.SEE_RANKING,
    answer=answer(**HEAD, before=schema_of(str | None), share=schema_of(float | None),
                  groups=many(leadership.TeamGroup)),
    parameters=(ASSESSMENT, Parameter("share", whole(1, 100), "Ceiling of the best grade in percent; the scheme's.")),
)  # fmt: skip
def show_leadership(*, assessment: int | None = None, share: int | None = None) -> dict[str, Any]:
    view = leadership.leadership(instance(), viewer(), assessment, None if share is None else share / 100)
    return {**_head(view.prepared), "before": view.before, "share": view.share, "groups": view.groups}


@add(
    "GET", "/leadership/years", "Units that surely held the best grade, over the periods of the scheme.",
    action=Action.SEE_RANKING,
    answer=answer(**HEAD, periods=many(body(("period", "assessment"), period={"type": "string"},
                                            assessment={"type": "integer"})), units=many(leadership.Followed)),
    parameters=(ASSESSMENT,),
)  # fmt: skip
def show_years(*, assessment: int | None = None) -> dict[str, Any]:
    view = leadership.following(instance(), viewer(), assessment)
    periods = [{"period": period, "assessment": number} for period, number in view.periods]
    return {**_head(view.prepared), "periods": periods, "units": view.units}


@add(
    "GET", "/leadership/posts", "Results of each post over the months wholly in office; a post has no score.",
    action=Action.SEE_RANKING, answer=answer(**HEAD, posts=many(tenures.PostResult)), parameters=(ASSESSMENT,),
)  # fmt: skip
def list_posts(*, assessment: int | None = None) -> dict[str, Any]:
    prepared, found = tenures.results(instance(), viewer(), assessment)
    return {**_head(prepared), "posts": found}


@add(
    "GET", "/bonuses", "Bonuses with their state today.",
    action=Action.SEE_BONUSES, answer=answer(bonuses=many(BONUS)),
    parameters=(Parameter("state", one_of(*BONUS_STATES), "Only bonuses in this state today."),),
)  # fmt: skip
def list_bonuses(*, state: str | None = None) -> dict[str, Any]:
    with instance().session() as session:
        rows = bonuses.list_bonuses(session, viewer=viewer())
    told = bonus_rules.told(instance(), rows)
    return {"bonuses": [row for row in told if state is None or row.state == state]}


@add(
    "GET", "/bonuses/{bonus}", "One bonus with its documents by name and hash.",
    action=Action.SEE_BONUSES, answer=BONUS, parameters=(in_path("bonus", "Number of the bonus.", NUMBER),),
)  # fmt: skip
def show_bonus(*, bonus: int) -> bonuses.BonusRow:
    with instance().session() as session:
        row = bonuses.bonus(session, viewer=viewer(), number=bonus)
    if row is None:
        raise ApiError(404)
    return bonus_rules.told(instance(), [row])[0]


def _head(prepared: Prepared) -> dict[str, Any]:
    """Which assessment an answer tells of."""
    shown = overview.heading(prepared)
    return {"assessment": shown.number, "period": shown.period, "state": shown.state}
