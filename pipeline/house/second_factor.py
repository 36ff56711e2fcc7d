"""The second factor: codes of six digits from an app on the person's telephone (TOTP, RFC 6238).

The secret is made from the key file and a salt of the account, so that the catalogue alone gives no code away.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

import pyotp

from pipeline.house.people import LOCK_MINUTES, TooManyAttempts, note_failure, note_success
from records import audit, credentials
from records.access import Viewer
from records.clock import now
from records.instance import Instance
from records.models import Person

ISSUER = "Wenxiao"
STEP_SECONDS = 30
STEPS_AROUND = 1  # a clock may be off by half a minute


def new_salt() -> str:
    """A salt for a new secret; by itself it says nothing."""
    return secrets.token_hex(16)


def secret_of(instance: Instance, person_id: int, salt: str) -> str:
    """The secret of an account in base 32, as an app takes it."""
    return _secrets_of(instance, person_id, salt)[0]


def _secrets_of(instance: Instance, person_id: int, salt: str) -> list[str]:
    """The secret by the key of now, and those by replaced keys that still count."""
    message = f"second-factor:{person_id}:{salt}".encode()
    digests = (hmac.new(key, message, hashlib.sha256).digest() for key in instance.keys.living("report"))
    return [base64.b32encode(digest[:20]).decode() for digest in digests]


def address_of(instance: Instance, viewer: Viewer, salt: str) -> str:
    """The `otpauth:` address behind the square code."""
    totp = pyotp.TOTP(secret_of(instance, viewer.person, salt))
    return totp.provisioning_uri(name=viewer.sign_in, issuer_name=ISSUER)


def switch_on(instance: Instance, *, person_id: int, salt: str, code: str) -> bool:
    """Ask for codes from now on; False when the first code does not fit, so that nobody locks himself out."""
    step = _step_of(secret_of(instance, person_id, salt), code)
    if step is None:
        return False
    with instance.session() as session:
        person = session.get_one(Person, person_id)
        person.second_factor_salt, person.second_factor_step = salt, step
        audit.write(session, person.sign_in, "second_factor.on", person.sign_in)
    return True


def switch_off(instance: Instance, *, person_id: int, password: str) -> bool:
    """Ask for codes no more; False when the password is wrong."""
    with instance.session() as session:
        person = session.get_one(Person, person_id)
        if not credentials.is_password_right(person.password_hash, password):
            note_failure(session, person)
            return False
        person.second_factor_salt = person.second_factor_step = None
        audit.write(session, person.sign_in, "second_factor.off", person.sign_in)
    return True


def is_code_right(instance: Instance, *, person_id: int, code: str) -> bool:
    """Does the code fit, for the first time? Wrong ones count like wrong passwords: TooManyAttempts locks."""
    with instance.session() as session:
        person = session.get_one(Person, person_id, with_for_update=True)
        is_locked = person.locked_until is not None and person.locked_until > now()
        if not is_locked and person.second_factor_salt is not None:
            possible = _secrets_of(instance, person_id, person.second_factor_salt)
            step = next((step for step in (_step_of(secret, code) for secret in possible) if step is not None), None)
            if step is not None and step > (person.second_factor_step or 0):
                person.second_factor_step = step
                note_success(session, person)
                return True
        is_locked = is_locked or note_failure(session, person)
    if is_locked:
        raise TooManyAttempts(f"this account is locked for {LOCK_MINUTES} minutes after several wrong codes")
    return False


def _step_of(secret: str, code: str) -> int | None:
    """The number of the half minute a code belongs to, None when it belongs to none around now."""
    current = int(time.time()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(current - STEPS_AROUND, current + STEPS_AROUND + 1):
        if hmac.compare_digest(totp.generate_otp(step), code.replace(" ", "")):
            return step
    return None
