"""POST /token: logins by OAuth 2's form (RFC 6749, section 4.3), for programs and for scripts of listed origins.

With `cookies=true` the tokens go into the cookie of the session, and the answer has none of them.
"""

from __future__ import annotations

import time
from typing import Any

import grpc
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from identity import Error
from identity.v1 import identity_service_pb2 as identity
from identity.v1.types_pb2 import TokenSet

from .forms import Values, read_form
from .problems import Problem
from .security import TOKEN_PATH
from .visits import Visit

router = APIRouter()

_MFA_GRANT = "urn:identity:oauth:grant-type:mfa"
_TEXTS = {"invalid_grant": "The login or the token is not good.", "invalid_scope": "No requested scope can be granted.",
          "invalid_request": "The request lacks a parameter, or one is malformed.",
          "unsupported_grant_type": "The grants are password, refresh_token and " + _MFA_GRANT + "."}
_CODES = {grpc.StatusCode.UNAUTHENTICATED: "invalid_grant", grpc.StatusCode.FAILED_PRECONDITION: "invalid_grant",
          grpc.StatusCode.INVALID_ARGUMENT: "invalid_request"}


@router.post(TOKEN_PATH, response_model=None)
async def token(request: Request) -> Response:
    visit = Visit(request)
    form = await read_form(visit)
    with_cookies = form["cookies"] == "true"
    if with_cookies and not _is_of_a_page(visit):
        return _refuse(400, "invalid_request", "Cookies need a request with an Origin.")
    if with_cookies:
        form["refresh_token"] = visit.session.refresh_token if visit.session else ""
    grant = _grant_of(visit, form)
    if not grant:
        return _refuse(400, "unsupported_grant_type")
    try:
        answer = await visit.as_frontend(grant)
    except Error as error:
        return _refuse_for(error)
    if isinstance(answer, identity.AuthenticateResponse) and answer.HasField("mfa_challenge"):
        challenge = answer.mfa_challenge
        return _refuse(403, "mfa_required", "A second factor is required.", mfa_token=challenge.challenge_token,
                       expires_in=max(challenge.expire_time.seconds - int(time.time()), 0))
    return await _accept(visit, answer.tokens, with_cookies)


def _is_of_a_page(visit: Visit) -> bool:
    """Whether a browser says that the page which asks is allowed to. The shell has compared the Origin."""
    headers = visit.request.headers
    return "origin" in headers or headers.get("sec-fetch-site") == "same-origin"


def _grant_of(visit: Visit, form: Values) -> identity.AuthenticateRequest | identity.RefreshRequest | None:
    common: dict[str, Any] = {"scopes": form["scope"].split(), "client_info": visit.client_info}
    if form["grant_type"] == "password":
        credential = identity.PasswordCredential(login=form["username"], password=form["password"])
        return identity.AuthenticateRequest(password=credential, **common)
    if form["grant_type"] == "refresh_token":
        return identity.RefreshRequest(refresh_token=form["refresh_token"], **common)
    if form["grant_type"] == _MFA_GRANT:
        code = {"totp_code": form["otp"]} if form["otp"] else {"recovery_code": form["recovery_code"]}
        credential = identity.MfaCredential(challenge_token=form["mfa_token"], **code)
        return identity.AuthenticateRequest(mfa=credential, **common)
    return None


async def _accept(visit: Visit, tokens: TokenSet, with_cookies: bool) -> Response:
    answer = {"token_type": tokens.token_type, "expires_in": tokens.expires_in.seconds,
              "scope": " ".join(tokens.scopes)}
    for limit in ("password_change_required", "mfa_enrollment_required"):
        if getattr(tokens, limit):
            answer[limit] = True
    if with_cookies:
        if visit.session and visit.session.id == tokens.session_id:
            visit.renew_session(tokens)
        else:
            await visit.end_session()
            visit.begin_session(tokens)
        return JSONResponse(answer)
    return JSONResponse({"access_token": tokens.access_token, "refresh_token": tokens.refresh_token, **answer})


def _refuse_for(error: Error) -> Response:
    problem = Problem.of(error)
    if error.reason == "INVALID_SCOPE":
        return _refuse(400, "invalid_scope")
    if problem.status < 429 and error.code in _CODES:
        return _refuse(400, _CODES[error.code])
    return refuse(problem)


def refuse(problem: Problem) -> Response:
    """What other routes show as a page."""
    code = "invalid_request" if problem.status < 429 else "temporarily_unavailable"
    return _refuse(problem.status, code, problem.text, problem.headers)


def _refuse(status: int, code: str, text: str = "", headers: Any = None, **members: Any) -> Response:
    return JSONResponse({"error": code, "error_description": text or _TEXTS[code], **members}, status, headers)
