"""Which counts make which rate: numerator, denominator, and the reason when there is nothing to divide by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Terms = tuple[tuple[float, str], ...]
MORE_ANSWERS = "more_answers_than_cases"  # surveys that name no case, or several citizens of one case: not a share


@dataclass(frozen=True)
class Rate:
    """A share of counts. `recorded` names the count that is 0 in the whole answer when no source records the matter;
    `unrecorded` is then the reason."""

    numerator: Terms
    denominator: Terms
    reason: str
    recorded: str | None = None
    unrecorded: str = "not_recorded"

    def parts(self, counts: Mapping[str, float]) -> tuple[float, float]:
        """Numerator and denominator from one row of counts."""
        return _sum(self.numerator, counts), _sum(self.denominator, counts)


def _sum(terms: Terms, counts: Mapping[str, float]) -> float:
    value = sum(weight * counts[name] for weight, name in terms)
    return int(value) if float(value).is_integer() else value


def _of(*names: str) -> Terms:
    return tuple((1, name) for name in names)


def _on_time(clock: str, kind: str, reason: str, recorded: str) -> Rate:
    prefix = f"{clock}_{kind}"
    return Rate(
        _of(f"{prefix}_met"), _of(f"{prefix}_met", f"{prefix}_missed", f"{prefix}_open"), reason, recorded
    )  # fmt: skip


_ALL = _of(*(f"rating_{level}" for level in range(6)))
_ACTIVE = _of(*(f"rating_{level}" for level in range(1, 6)))
_GOOD = _of("rating_3", "rating_4", "rating_5")


def rates(basically_satisfied: float = 1.0, partly: float = 0.0) -> dict[str, Rate]:
    """Every rate by code, with the two weights a scheme may set: 基本满意 in S1a, and partly resolved in H2 and H2s."""
    claimed: Terms = ((1, "claim_resolved"), (partly, "claim_partly"))
    confirmed: Terms = ((1, "v_resolved"), (partly, "v_partly"))
    satisfied: Terms = ((1, "v_satisfied"), (basically_satisfied, "v_basic"))
    unsilent = _of("rating_1", "rating_2")
    table = {
        "R1": _on_time("sign", "strict", "none_dispatched", "known_sign"),
        "R2": Rate(_of("v_contacted"), _of("v"), "no_valid_follow_up"),
        "R4.strict": _on_time("reply", "strict", "none_due", "known_reply_clock"),
        "R4.allowed": _on_time("reply", "allowed", "none_due", "known_reply_clock"),
        "R5": Rate(_of("e_replied"), _of("n_eligible"), "no_eligible_cases", "known_reply"),
        "R6": Rate(_of("e_published"), _of("e_replied"), "no_replies", "e_public_known"),
        "H1.strict": _on_time("close", "strict", "none_due", "known_close_clock"),
        "H1.allowed": _on_time("close", "allowed", "none_due", "known_close_clock"),
        "H2": Rate(confirmed, _of("v"), "no_valid_follow_up"),
        "H2s": Rate(claimed, _of("claim_closed"), "none_closed", "outcome_known"),
        "H3": Rate(_of("e_first_time"), _of("e_closed"), "none_closed", "outcome_known"),
        "H4": Rate(_of("e_rework"), _of("e_closed"), "none_closed", "known_rework"),
        "H5": Rate(_of("e_repeated"), _of("e_repeat_watched"), "none_watched_long_enough", "known_person"),
        "H6": Rate(_of("e_returned"), _of("e_dispatched"), "none_dispatched", "known_return"),
        "H7a": Rate(_of("n_extended"), _of("n_received"), "no_cases", "known_extension"),
        "H7b": Rate(_of("n_excluded"), _of("n_received"), "no_cases", "known_exclusion"),
        "H7c": Rate(_of("n_suspended"), _of("n_received"), "no_cases", "known_suspension"),
        "H9": Rate(_of("e_closed"), _of("n_eligible"), "no_eligible_cases"),
        "S1a": Rate(satisfied, _of("v"), "no_valid_follow_up"),
        "S1a.satisfied": Rate(_of("v_satisfied"), _of("v"), "no_valid_follow_up"),
        "S1a.basic": Rate(_of("v_basic"), _of("v"), "no_valid_follow_up"),
        "S1b": Rate((*_GOOD, (1, "rating_0")), _ALL, "no_ratings", "known_rating"),
        "S1c": Rate(_GOOD, _ACTIVE, "no_active_ratings", "known_rating"),
        "S1d": Rate(
            ((1, "n_eligible"), *((-1, name) for _, name in unsilent)), _of("n_eligible"), "no_eligible_cases",
            "known_rating",
        ),
        "S1e": Rate(_GOOD, _of("n_eligible"), "no_eligible_cases", "known_rating"),
        "S2": Rate(_GOOD, _ACTIVE, "no_active_ratings", "known_rating"),
        "S2.top2": Rate(_of("rating_4", "rating_5"), _ACTIVE, "no_active_ratings", "known_rating"),
        "S3": Rate(_ACTIVE, _of("n_eligible"), "no_eligible_cases", "known_rating"),
        "S4": Rate(unsilent, _ALL, "no_ratings", "known_rating"),
        "T1": Rate(_of("cells_filled"), _of("cells_required"), "no_cases"),
        "Q2": Rate(_of("template_replies"), _of("fingerprinted_replies"), "no_replies"),
        "Q2.near": Rate(_of("near_replies"), _of("read_replies"), "no_replies", "are_replies_read", "replies_not_read"),
    }  # fmt: skip
    return table | {"R4": table["R4.strict"], "H1": table["H1.strict"]}


COUNTS: dict[str, Terms] = {
    **{name: _of(name) for name in (
        "n_received", "n_eligible", "n_replied", "n_closed", "n_open", "n_excluded", "n_duplicate", "n_withdrawn",
        "n_not_responsible", "n_dispatched", "n_returns", "n_extended", "n_suspended", "n_date_only", "n_contradictory",
        "n_closings", "n_backlog", "n_staff_answers", "n_later_answers", "n_scanner_answers",
    )},
    "n_due": _of("close_strict_met", "close_strict_missed", "close_strict_open"),
    "n_overdue_open": _of("close_strict_open"),
    "n_not_yet_due": _of("close_strict_not_due"),
    "n_no_limit": _of("close_strict_no_limit"),
    "n_met": _of("close_strict_met"),
    "n_missed": _of("close_strict_missed"),
    "n_reply_due": _of("reply_strict_met", "reply_strict_missed", "reply_strict_open"),
    "n_reply_overdue_open": _of("reply_strict_open"),
    "n_reply_not_yet_due": _of("reply_strict_not_due"),
    "n_follow_up": _of("v"),
    "n_rated": _ACTIVE,
    "n_default_rated": _of("rating_0"),
    **{f"n_rating_{level}": _of(f"rating_{level}") for level in range(1, 6)},
    "n_third_party": _of("third_party_answers"),
    "R7": _of("e_unanswered_3_months"),
}  # fmt: skip
"""Plain counts by code. A count of 0 is a value, not a missing one."""
