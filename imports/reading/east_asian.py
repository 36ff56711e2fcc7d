"""Korean and Japanese texts, whose bytes decode as Chinese without an error: 도로과 would be read as 档肺苞."""

from __future__ import annotations

import re

_SYLLABLES = frozenset(
    syllable.encode("cp949")
    for syllable in (
        "이다는의에을가고하지한도로서사기은를해자인어나시아리대제수그과전부장일정원구상들었동보안습니민신청주게라만조비"
        "여있것성연면우요용으선중공방국경생문무적소관접번호내처치결오마회위음유물화세차행계간당답담불미된되없않했합"
    )
)
_SAMPLE = 1 << 18  # bytes from the first high one on
_HIGH = re.compile(rb"[\x80-\xff]")
_CHARACTERS = re.compile(rb"[\x81-\xfe][\x30-\x7e\x80-\xfe]")
_SHIFT_JIS = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[\x80-\xff]")
_SHIFT_JIS_WORDS = re.compile(  # signs, fullwidth letters, both syllabaries, and the first level of characters
    rb"(?:\x81[\x40-\xac]|\x82[\x4f-\xf1]|\x83[\x40-\x96]|[\x88-\x97][\x40-\x7e\x80-\xfc]|\x98[\x40-\x72]){2,}"
)


def korean_or_japanese(block: bytes) -> str | None:
    """The encoding of a text that is Korean or Japanese by the frequency of its characters, else None.

    Hangul ends at the lead byte C8 and the first level of Japanese at CF, while a third and a tenth of the characters
    of Chinese texts lie beyond. Every second syllable of Korean is one of the hundred listed here: 0.39 to 0.79 in
    names of countries and languages, and at most 0.22 for the same bytes in any other language. Japanese has its
    syllabaries.

    >>> korean_or_japanese("도로 파손 신고입니다. 빨리 고쳐 주세요.".encode("cp949"))
    'cp949'
    >>> korean_or_japanese("路面破损，请尽快维修；路灯不亮。".encode("gb18030")) is None
    True
    """
    first = _HIGH.search(block)
    block = block[first.start() :][:_SAMPLE] if first else b""
    pairs = _CHARACTERS.findall(block)
    characters = [pair for pair in pairs if not 0xA1 <= pair[0] < 0xB0]
    known = sum(pair in _SYLLABLES for pair in characters)
    if known >= max(3, 0.3 * len(characters)) and _is_within(characters, 0xC8):
        return "cp949"
    kana = sum(pair[0] in (0xA4, 0xA5) and pair[1] >= 0xA1 for pair in pairs)
    if kana >= max(3, 0.15 * len(pairs)) and _is_within(characters, 0xCF):
        return "euc_jp"
    words = [word for word in _SHIFT_JIS_WORDS.findall(block) if len(word) > 2]
    common = sum(map(len, words)) // 2
    return "cp932" if common >= max(4, 0.7 * len(_SHIFT_JIS.findall(block))) else None


def _is_within(characters: list[bytes], last: int) -> bool:
    return sum(0xB0 <= pair[0] <= last and pair[1] >= 0xA1 for pair in characters) >= 0.95 * len(characters)
