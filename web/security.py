"""Headers and cookies: a strict content security policy, no framing, no guessing of types, forms with a token."""

from __future__ import annotations

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect

# The hash of the empty text: Plotly makes an empty <style> and fills it by script (web/plotly_asset.py).
EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": f"'self' {EMPTY_STYLE}",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HSTS = "max-age=31536000; includeSubDomains"
FORM_HOURS = 10  # how long an open form stays valid

csrf = CSRFProtect()


class SessionCookie(SecureCookieSessionInterface):
    """The signed session cookie, marked Secure on every request that came encrypted.

    An office may serve plain http inside its own network; there a Secure cookie would never come back and nobody
    could sign in. `SESSION_COOKIE_SECURE = True` in the configuration forces the mark.
    """

    def get_cookie_secure(self, app: Flask) -> bool:
        """True when the cookie may only travel encrypted."""
        return bool(app.config["SESSION_COOKIE_SECURE"]) or request.is_secure


def add_headers(response: Response) -> Response:
    """Put the security headers on an answer; pages with personal views are never kept by a shared cache."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def protect(app: Flask) -> None:
    """Switch on tokens in forms, cookie rules and headers."""
    app.config.from_mapping(
        SESSION_COOKIE_NAME="wenxiao",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=app.config["SESSION_MINUTES"] * 60,
        WTF_CSRF_TIME_LIMIT=FORM_HOURS * 3600,
    )
    app.session_interface = SessionCookie()
    csrf.init_app(app)
    app.after_request(add_headers)
