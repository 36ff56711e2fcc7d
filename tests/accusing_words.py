"""Words that no text of the program may hold: a finding asks for a look, it accuses nobody.

The words are written as escapes, so that this file is no place that holds them.
"""

from __future__ import annotations

import re

CHINESE = re.compile(
    "\u9020\u5047|\u4f5c\u5047|\u4f5c\u5f0a|\u821e\u5f0a|\u8fdd\u89c4|\u8fdd\u7eaa|\u6b3a\u8bc8|\u6b3a\u9a97"
    "|\u8c0e\u62a5|\u865a\u62a5|\u778e\u7f16|\u7cca\u5f04|\u5acc\u7591"
)
ENGLISH = re.compile(
    r"\b(?:fraud|cheat|guilt|dishonest|falsif|fabricat|wrongdoing|culprit|deceiv|suspect(?:ed|s)?\b|misconduct)\w*",
    re.IGNORECASE,
)


def accusing(text: str) -> list[str]:
    """Every accusing word of a text, also one that a line break cuts in two."""
    return CHINESE.findall(re.sub(r"\s+", "", text)) + ENGLISH.findall(text)
