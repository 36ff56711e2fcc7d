"""Personal data at the door: free text is masked, persons become keyed tokens. Nothing here keeps a clear value."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from records.vocabulary.tokens import keyed_token

_WORDS = tomllib.loads(Path(__file__).with_name("privacy.toml").read_text("utf-8"))
_SURNAME = "(?:" + "|".join(_WORDS["double_surnames"]) + "|[" + _WORDS["surnames"] + "])"
_REST = f"[^\\W\\d_A-Za-z{_WORDS['not_in_names']}]"
_STRICT = "|".join(cue for cue in _WORDS["cues"] if cue not in _WORDS["loose_cues"])
_LOOSE = "|".join(_WORDS["loose_cues"])

# A text without any of these cannot hold personal data. Words are found many times faster than alternations, and each
# pattern begins with one class of characters, so that a search skips over Chinese text.
SUSPECT_WORDS = ("@", "室", "微信", "qq", "QQ", "Qq", "qQ", *"０１２３４５６７８９", *_WORDS["cues"])
SUSPECT_PATTERNS = (
    re.compile(r"[0-9](?:[0-9]{6}|[0-9]{2}[ -][0-9]|-[0-9]{7})"),
    re.compile(r"[A-Z](?:[·.]?[A-Z0-9]{5})"),
)
_HALF_WIDTH = {ord("０") + digit: str(digit) for digit in range(10)}

_IDENTITY = re.compile(r"(?<![\dA-Za-z])(\d{3})\d{14}([\dXx])(?![\dA-Za-z])")
# With a region and a day of birth at their places the digits are one whatever letters touch them: "ID110101…".
_BORN = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY_BORN = re.compile(rf"(?<!\d)([1-9]\d{{2}})\d{{3}}{_BORN}\d{{3}}([\dXx])(?!\d)")
_CARD = re.compile(r"(?<![\dA-Za-z-])(\d{4})(\d{8,11})(\d{4})(?![\dA-Za-z-])")
_MOBILE = re.compile(r"(?<![\d-])((?:\+?86[- ]?)?1[3-9]\d)(?:\d{4}|[ -]\d{4}[ -])(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}[-—])\d{3,4}(\d{4})(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_ACCOUNT = re.compile(
    r"((?:微信号?|[Ww]e[Cc]hat|[Qq]{2}号?)[:：为是]?\s*)([A-Za-z][-\w]{4,19}|\d{5,11})(?![\w*])", re.ASCII
)
_PLATE = re.compile(
    r"([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z])[·.]?[A-Z0-9]{5,6}(?![A-Z0-9])"
)
_DOOR = re.compile(r"(?:\d+\s*(?:号楼|栋|幢|座|#)\s*)?(?:\d+\s*单元\s*)?[A-Za-z]?\d{2,4}\s*室")
_NAME = re.compile(f"((?:{_STRICT})(?:姓名)?[:：是为]?\\s*)({_SURNAME}){_REST}{{1,2}}")
_NAME_LOOSE = re.compile(f"((?:{_LOOSE})[:：]?)({_SURNAME}){_REST}{{1,2}}(?=[，,。；;、（(\\d\\s]|$)")


def _stars(found: re.Match[str]) -> str:
    return f"{found[1]}{'*' * 14}{found[2]}"


_RULES = (
    ("identity", _IDENTITY, _stars),
    ("identity", _IDENTITY_BORN, _stars),
    ("card", _CARD, lambda m: f"{m[1]}{'*' * len(m[2])}{m[3]}"),
    ("phone", _MOBILE, lambda m: f"{m[1]}****{m[2]}"),
    ("phone", _LANDLINE, lambda m: f"{m[1]}****{m[2]}"),
    ("email", _EMAIL, lambda m: f"{m[0][0]}***@***"),
    ("account", _ACCOUNT, lambda m: f"{m[1]}{m[2][0]}***"),
    ("plate", _PLATE, lambda m: f"{m[1]}*****"),
    ("door", _DOOR, lambda m: re.sub(r"\d+", "*", m[0])),
    ("name", _NAME, lambda m: f"{m[1]}{m[2]}*"),
    ("name", _NAME_LOOSE, lambda m: f"{m[1]}{m[2]}*"),
)


def is_suspect(text: str) -> bool:
    """True when the text may hold personal data and has to be masked; False settles most texts with one search."""
    return any(word in text for word in SUSPECT_WORDS) or any(pattern.search(text) for pattern in SUSPECT_PATTERNS)


def mask_text(text: str) -> tuple[str, Counter[str]]:
    """The text with personal data masked, and how many of each kind were.

    Kinds: identity, card, phone, email, account, plate, door, name. Street and community stay readable.

    >>> mask_text("联系人张三13812345678")
    ('联系人张*138****5678', Counter({'phone': 1, 'name': 1}))
    """
    counts: Counter[str] = Counter()
    if not is_suspect(text):
        return text, counts
    text = text.translate(_HALF_WIDTH)  # a number typed in full-width digits is a number
    for kind, pattern, replacement in _RULES:
        text, found = pattern.subn(replacement, text)
        if found:
            counts[kind] += found
    return text, counts


def normal_phone(text: str) -> str | None:
    """The digits of a phone number without country code; None when it is masked already or no number.

    >>> normal_phone("+86 138-1234-5678"), normal_phone("138××××5678")
    ('13812345678', None)
    """
    if len(text) == 11 and text.isascii() and text.isdigit():
        return text
    if re.search(r"[*×xX＊]", text):
        return None
    digits = "".join(str(int(char)) for char in text if char.isdigit())
    digits = re.sub(r"^(?:00)?86(?=1[3-9]\d{9}$)", "", digits)
    return digits if len(digits) >= 7 else None


def make_token(keys: Mapping[str, bytes], purpose: str) -> Callable[[str], str]:
    """A function value -> token of this purpose. Raises KeyError without its key."""
    return partial(keyed_token, keys[purpose], purpose)


def token(keys: Mapping[str, bytes], purpose: str, value: str) -> str:
    """HMAC-SHA256(key of the purpose, purpose:value), first 128 bits in hex. Raises KeyError without that key.

    >>> len(token({"person": b"k" * 32}, "person", "13812345678"))
    32
    """
    return make_token(keys, purpose)(value)
