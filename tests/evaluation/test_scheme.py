"""Scheme files: every fault at once with its line, the canonical form, and the shipped schemes."""

from __future__ import annotations

import pytest

from evaluation.rules.catalogue import UnknownScheme, find, find_file, scheme_files
from evaluation.rules.faults import KINDS, _messages, keys_of
from evaluation.rules.scheme import SchemeFaulty, check, load
from tests.evaluation.builders import GRADES, HEAD, indicator

GOOD = HEAD + indicator("a", 60) + indicator("b", 40) + GRADES


def faults(text: str) -> list[tuple[int, str]]:
    return [(fault.line, fault.code) for fault in check(text)]


def test_a_good_scheme_has_no_faults() -> None:
    assert check(GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "line", "code"),
    [
        ('version = "1"', "version = 1", 2, "wrong_kind"),
        ('version = "1"\n', "", 1, "missing_key"),
        ('id = "test"', 'id = "test"\ncolour = "red"', 2, "unknown_key"),
        ('id = "test"', 'id = "test"\nscope = "some"', 2, "not_allowed"),
        ('id = "test"', 'id = "test"\nperiod_start_day = 29', 2, "start_day"),
        ('code = "b"', 'code = "a"', 11, "duplicate"),
        ('code = "b"', 'code = "b"\ngroup = "x"', 12, "unknown_group"),
        ("weight = 40", "weight = 39.5", 4, "weights_sum"),
        ("zero = 0\nfull = 100\n[grades]", "zero = 0\nfull = 0\n[grades]", 10, "needs_goalposts"),
        ('method = "goalposts"\nzero = 0\nfull = 100\n[grades]', 'method = "steps"\n[grades]', 10, "needs_steps"),
        (
            'method = "goalposts"\nzero = 0\nfull = 100\n[grades]',
            'method = "target_distance"\n[grades]',
            10,
            "needs_target",
        ),
        ("full = 100\n[grades]", 'full = 100\ntransform = "log"\n[grades]', 16, "log_of_nonpositive"),
        ("full = 100\n[grades]", "full = 100\nproof = true\n[grades]", 16, "proof_needs_target"),
        ("full = 100\n[grades]", 'full = 100\ndirection = "lower"\n[grades]', 16, "direction_contradicts"),
        ('["A", 90], ["B", 80]', '["B", 80], ["A", 90]', 17, "cuts_order"),
        ("[grades]", "[uncertainty]\ndraws = 5\n[grades]", 17, "draws_range"),
        ("[grades]", "[small_n]\nsuppress = 40\n[grades]", 16, "small_n_order"),
        ("[grades]", '[[veto]]\ncode = "V"\ncap_grade = "C"\n[grades]', 16, "veto_needs_cause"),
        ("[grades]", '[[veto]]\ncode = "V"\nsource = "x"\ncap_grade = "E"\n[grades]', 19, "unknown_grade"),
        ("[grades]", '[[group]]\nid = "g"\n[grades]', 16, "empty_group"),
        ("full = 100\n[grades]", "full = 100\nblend = { reply_quality = 0.5 }\n[grades]", 16, "blend_forms"),
        ("full = 100\n[grades]", "full = 100\nblend = { guess = 1 }\n[grades]", 16, "blend_forms"),
        (
            'method = "goalposts"\nzero = 0\nfull = 100\n[grades]',
            'method = "deduction"\n[grades]',
            10,
            "needs_per_item",
        ),
        ("[grades]", '[[information]]\ncode = "b"\n[grades]', 17, "scored_information"),
    ],
)
def test_each_fault_stands_at_its_line(before: str, after: str, line: int, code: str) -> None:
    assert before in GOOD
    assert (line, code) in faults(GOOD.replace(before, after, 1))


def test_all_faults_come_at_once() -> None:
    text = (
        GOOD.replace("weight = 40", "weight = 41")
        .replace('code = "b"', 'code = "a"')
        .replace('id = "test"', 'id = "test"\nx = 1')
    )
    assert faults(text) == [(2, "unknown_key"), (5, "weights_sum"), (12, "duplicate")]
    with pytest.raises(SchemeFaulty) as caught:
        load(text)
    assert len(caught.value.faults) == 3


def test_a_group_that_is_its_own_ancestor() -> None:
    groups = '[[group]]\nid = "g"\nparent = "h"\n[[group]]\nid = "h"\nparent = "g"\n'
    text = HEAD + groups + indicator("a", 100, group="g") + GRADES
    assert [code for _, code in faults(text)] == ["group_cycle", "group_cycle"]


def test_first_level_weights_that_miss_100() -> None:
    text = HEAD + '[[group]]\nid = "g"\nweight = 90\n' + indicator("a", 100, group="g") + GRADES
    assert faults(text) == [(4, "group_weights_sum")]


def test_text_that_is_no_toml_names_the_line() -> None:
    assert faults(GOOD + "\n[oops") == [(len((GOOD + "\n[oops").splitlines()), "syntax")]


def test_every_message_has_both_languages_and_fills_in() -> None:
    for message in _messages().values():
        assert set(message) == {"zh", "en"}
    assert {rule["kind"] for table in keys_of("scheme_keys").values() for rule in table.values()} <= set(KINDS)
    fault = check(GOOD.replace("weight = 40", "weight = 39.5"))[0]
    assert (fault.message("en"), fault.message("zh")) == (
        "the weights of the indicators sum to 99.5, not 100",
        "指标权重合计 99.5，应为 100",
    )


def test_hash_ignores_comments_order_and_number_form_but_not_content() -> None:
    same = HEAD + "# note\n" + GRADES.replace("90", "90.0") + indicator("b", 40) + indicator("a", 60)
    assert load(same).sha256 == load(GOOD).sha256
    assert load(GOOD.replace("full = 100", "full = 99", 1)).sha256 != load(GOOD).sha256


@pytest.mark.parametrize("key", sorted(scheme_files()), ids="@".join)
def test_shipped_schemes_are_without_fault_and_named_by_id_and_version(key: tuple[str, str]) -> None:
    text = scheme_files()[key].read_text(encoding="utf-8")
    assert check(text) == []
    assert (load(text).id, load(text).version) == key


def test_five_schemes_are_shipped() -> None:
    expected = {"bj_three_rates", "message_board", "haochaping", "website_interaction", "integrated_third_party"}
    assert {name for name, _ in scheme_files()} == expected


def test_integrated_scheme_weights_of_its_first_level() -> None:
    weights = {group.id: group.weight for group in find("integrated_third_party").groups}
    below = {
        name: sum(i.weight for i in find("integrated_third_party").indicators if i.group == name) for name in weights
    }
    assert weights == below
    assert sorted(weights.values(), reverse=True) == [25, 25, 20, 15, 10, 5]


def test_an_unknown_scheme_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownScheme, match="bj_three_rates@"):
        find("nothing")
    assert find_file("bj_three_rates").name.startswith("bj_three_rates@")
