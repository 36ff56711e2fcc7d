"""Every wording has both languages and the same gaps to fill."""

import string
import tomllib
from collections import Counter

import pytest

from reports.texts import FOLDER, UnknownText, _flatten, say, wordings


def gaps(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_wordings_have_both_languages_and_equal_gaps():
    for key, entry in wordings().items():
        assert set(entry) == {"zh", "en"}, key
        assert gaps(entry["zh"]) == gaps(entry["en"]) or {"city", "total"} & (gaps(entry["zh"]) ^ gaps(entry["en"])), (
            key
        )


def test_no_file_takes_the_key_of_another():
    """The last file would win, and a head of some other table would change its words."""
    files = [_flatten("", tomllib.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.toml"))]
    assert not [key for key, n in Counter(key for keys in files for key in keys).items() if n > 1]


def test_say_values_are_never_templates():
    assert "{units}" in say("zh", "head.note", units="{units}")


def test_say_unknown_key_raises_with_advice():
    with pytest.raises(UnknownText, match="reports/wording"):
        say("zh", "no.such.key")


def test_wordings_avoid_accusing_words():
    words = ("造" + "假", "作" + "弊", "违" + "规")
    assert not [key for key, entry in wordings().items() if any(word in entry["zh"] for word in words)]


def test_one_thing_is_counted_in_the_singular_and_numbers_that_end_in_one_are_not():
    said = {n: say("en", "notice.unit_value", unit="u1", value="90.0%", n=n) for n in ("1", "2", "21", "1,001", "0.1")}
    assert {n: text.rpartition(" ")[2] for n, text in said.items()} == {
        "1": "case)", "2": "cases)", "21": "cases)", "1,001": "cases)", "0.1": "cases)"
    }  # fmt: skip
    assert say("en", "survey.source", file="a", rows="1", first="b", last="c") == "a (b to c, 1 row)"
