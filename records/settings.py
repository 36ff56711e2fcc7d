"""The settings of an instance: a short TOML file that an office edits by hand."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FILE_NAME = "settings.toml"


class SettingsError(Exception):
    """The settings file says something that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """What an office sets for itself. Every setting has a default that works."""

    office: str = "问效评估办公室"
    city: str = ""
    language: str = "zh"
    timezone: str = "Asia/Shanghai"
    is_cookie_secure: bool = False  # true where the pages are served over TLS
    session_minutes: int = 60
    job_concurrency: int = 1
    engine_memory: str = "2GB"
    trusted_proxies: int = 0  # reverse proxies in front whose forwarded addresses are believed
    retention_months: int = 0  # after which texts and tokens leave the records; 0 keeps them
    is_open_page_shown: bool = False  # published results for everybody at /open, without signing in
    address: str = ""  # where people reach the pages, e.g. https://pingyi.example.gov.cn
    sign_on_issuer: str = ""  # of the office's OpenID Connect provider; empty: passwords only
    sign_on_client: str = ""
    sign_on_claim: str = "preferred_username"  # the claim that holds the sign-in name
    mail_host: str = ""  # of the office's mail server (SMTP); empty: nothing is mailed
    mail_port: int = 465
    mail_security: str = "tls"  # tls, starttls, or none on this machine only
    mail_from: str = ""
    mail_user: str = ""  # its password is $WENXIAO_MAIL_PASSWORD

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


TEMPLATE = """# Settings of this instance. Lines that start with # show the defaults; take the # away to change one.
# office = "问效评估办公室"        # who assesses; printed on reports
# city = ""                       # the place that is assessed
# language = "zh"                 # zh or en
# timezone = "Asia/Shanghai"
# is_cookie_secure = false        # true where the pages are served over TLS
# session_minutes = 60
# job_concurrency = 1
# engine_memory = "2GB"
# trusted_proxies = 0             # reverse proxies in front whose forwarded addresses are believed
# retention_months = 0            # after which texts and tokens leave the records; 0 keeps them
# is_open_page_shown = false      # true: published results for everybody at /open, without signing in
# address = ""                    # where people reach the pages, e.g. "https://pingyi.example.gov.cn"
# sign_on_issuer = ""             # the office's OpenID Connect provider; its secret is $WENXIAO_SIGN_ON_SECRET
# sign_on_client = ""
# sign_on_claim = "preferred_username"
# mail_host = ""                  # the office's mail server: finished documents of standing orders are sent
# mail_port = 465
# mail_security = "tls"           # tls, starttls, or none (this machine only)
# mail_from = ""                  # who writes, e.g. "pingyi@example.gov.cn"
# mail_user = ""                  # its password is $WENXIAO_MAIL_PASSWORD
"""


def read_or_make_settings(folder: Path) -> Settings:
    """The settings in the folder; a commented template is written when there is none."""
    path = folder / FILE_NAME
    if not path.exists():
        path.write_text(TEMPLATE, "utf-8")
        return Settings()
    return parse_settings(path.read_text("utf-8"), name=str(path))


def parse_settings(text: str, *, name: str = FILE_NAME) -> Settings:
    """Settings from the text of a TOML file. Raises SettingsError naming the key that is wrong.

    >>> parse_settings('city = "示例市"').city
    '示例市'
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name} is not valid TOML: {error}") from error
    known = {field.name: type(field.default) for field in fields(Settings)}
    for key, value in document.items():
        if key not in known:
            raise SettingsError(f"{name} has an unknown setting {key!r}; known are {', '.join(known)}")
        if type(value) is not known[key]:
            raise SettingsError(f"{name}: {key} must be of type {known[key].__name__}")
    settings = Settings(**document)
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(
            f"{name}: {settings.timezone!r} is not a time zone; write one like Asia/Shanghai"
        ) from error
    if settings.language not in ("zh", "en"):
        raise SettingsError(f"{name}: language must be zh or en")
    _check_addresses(settings, name)
    _check_mail(settings, name)
    return settings


def _check_addresses(settings: Settings, name: str) -> None:
    for key in ("address", "sign_on_issuer"):
        parts = urlsplit(getattr(settings, key))
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost"))
        if getattr(settings, key) and not (is_safe and parts.netloc):
            raise SettingsError(f"{name}: {key} must be an https address; http is taken on this machine only")
    if settings.sign_on_issuer and not settings.sign_on_client:
        raise SettingsError(f"{name}: sign_on_issuer needs sign_on_client, the name the provider knows this system by")
    if settings.sign_on_issuer and not settings.address:  # else the provider would be told what a request calls us
        raise SettingsError(f"{name}: sign_on_issuer needs address, where the provider leads people back to")


def _check_mail(settings: Settings, name: str) -> None:
    if settings.mail_security not in ("tls", "starttls", "none"):
        raise SettingsError(f"{name}: mail_security must be tls, starttls or none")
    if not settings.mail_host:
        return
    if "@" not in settings.mail_from:
        raise SettingsError(f"{name}: mail_host needs mail_from, the address that writes")
    if settings.mail_security == "none" and settings.mail_host not in ("127.0.0.1", "localhost"):
        raise SettingsError(f"{name}: mail_security none is taken for a server on this machine only")
