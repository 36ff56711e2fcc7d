"""What the API says when it cannot do as asked: `application/problem+json` (RFC 9457) with a code of a closed list."""

from __future__ import annotations

import logging

from flask import Response, current_app, jsonify
from werkzeug.exceptions import HTTPException

from evaluation.rules.catalogue import UnknownScheme
from evaluation.rules.scheme import SchemeFaulty
from metrics.clocks.period import PeriodError
from metrics.clocks.standard import StandardError
from pipeline.house.jobs import JobMissing
from pipeline.importing import BatchConflict
from pipeline.importing.uploads import NotChecked, UploadMissing
from pipeline.judgement.assessing import AssessmentMissing, StepRefused
from pipeline.numbers.question import CountingError
from pipeline.paper.report_jobs import ReportMissing
from pipeline.paper.report_source import UnknownAssessment
from pipeline.paper.reporting import ReportRequestError
from pipeline.views.scorecards import UnitNotAssessed
from pipeline.views.shown import NothingToShow
from records.access import Forbidden
from web.api.schema import Unfit

log = logging.getLogger("wenxiao.api")

CODES: dict[int, tuple[str, str]] = {
    400: ("bad_request", "The request cannot be understood"),
    401: ("no_token", "A valid token is needed: Authorization: Bearer wx_…"),
    403: ("forbidden", "The person of this token may not do this"),
    404: ("not_found", "There is no such thing, or it is not open to this token"),
    405: ("wrong_method", "This address has no such method"),
    409: ("conflict", "The state of the thing does not allow this now"),
    413: ("too_large", "The body is larger than allowed"),
    415: ("wrong_type", "The body must be of the type the document names"),
    429: ("too_many", "Too many requests; wait as Retry-After says"),
    500: ("fault", "A fault of the server; its log has the details"),
}
STATUS_OF: dict[type[Exception], int] = {
    Unfit: 400,
    PeriodError: 400,
    StandardError: 400,
    CountingError: 400,
    ReportRequestError: 400,
    SchemeFaulty: 400,
    UnknownScheme: 404,
    Forbidden: 403,
    UploadMissing: 404,
    AssessmentMissing: 404,
    UnknownAssessment: 404,
    UnitNotAssessed: 404,
    NothingToShow: 404,
    ReportMissing: 404,
    JobMissing: 404,
    BatchConflict: 409,
    NotChecked: 409,
    StepRefused: 409,
}
"""Named errors of the use cases -> the status of the answer; their sentence is the detail."""


class ApiError(Exception):
    """An answer other than the one hoped for."""

    def __init__(self, status: int, detail: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}


def problem(status: int, detail: str = "", headers: dict[str, str] | None = None) -> Response:
    """The answer for a status."""
    code, title = CODES.get(status, ("refused", "The request is refused"))
    document = {"status": status, "code": code, "title": title}
    response = jsonify({**document, "detail": " ".join(detail.split())} if detail else document)
    response.status_code, response.mimetype = status, "application/problem+json"
    response.headers.update(headers or {})
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="wenxiao"'
    return response


def of_error(error: Exception) -> Response:
    """The answer for an error; one that nobody named is logged and told without details."""
    if isinstance(error, ApiError):
        return problem(error.status, error.detail, error.headers)
    if isinstance(error, HTTPException):
        kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
        return problem(error.code or 500, headers=kept)
    for kind, status in STATUS_OF.items():
        if isinstance(error, kind):
            return problem(status, str(error) if status != 403 else "")
    if current_app.testing:
        raise error
    log.exception("unexpected fault", exc_info=error)
    return problem(500)
