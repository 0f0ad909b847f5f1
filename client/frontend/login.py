"""The pages that log people in and out: by password, with a second factor, and the step-up of a session."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from identity import Error
from identity.v1 import identity_service_pb2 as identity

from .cookies import CHALLENGE, DEVICE, MAILED
from .forms import Field, Values, form_page
from .security import local_path
from .visits import SignedOut, Visit

router = APIRouter()

OWN_ACCOUNT = "identity:self:*"
NEXT = Field("next", kind="hidden", required=False)
CODE = Field("code", "Code", "code", "one-time-code", "The 6 digits that your app shows now.")
ANY_CODE = Field("any_code", "Code of your second factor", autocomplete="one-time-code",
                 hint="6 digits of your app, or a recovery code.")
WRONG_CODE = {"INVALID_CREDENTIALS": ("code", "This code is wrong, or it was used already. Wait for the next one.")}
FIRST_STEPS = {"password": "/account/password", "factor": "/account/factor", "email": "/verify-email"}


async def next_page(visit: Visit) -> dict[str, Any]:
    return {"values": {"next": local_path(visit.request.query_params.get("next", ""))}}


@form_page(router, "/login", "Log in", NEXT,
           Field("login", "Username or e-mail address", autocomplete="username"),
           Field("password", "Password", "password", "current-password"),
           Field("remember_device", "Remember this device", "checkbox", required=False,
                 hint="Then you can log in here even while strangers guess at your password elsewhere."),
           submit="Log in", template="login.html", context=next_page, public=True,
           wording={"INVALID_CREDENTIALS": ("", "Name and password do not match an account that can log in. After "
                                                "several wrong passwords an account waits for a while."),
                   # A login that nobody waited for does no harm, so it may be repeated.
                   "DEADLINE_EXCEEDED": ("", "Many people are waiting right now. Try again in {delay}.")})
async def log_in(visit: Visit, form: Values) -> str:
    password = identity.PasswordCredential(login=form["login"], password=form["password"],
                                           device_token=visit.jar.get(DEVICE).get("token", ""))
    request = identity.AuthenticateRequest(password=password, remember_device=bool(form["remember_device"]))
    return await authenticate(visit, request, form["next"])


async def authenticate(visit: Visit, request: identity.AuthenticateRequest, path: str, limit: str = "") -> str:
    """Logs in by this request. Returns the next page. Raises Error."""
    request.client_info.CopyFrom(visit.client_info)
    try:
        answer = await visit.as_frontend(request)
    except Error as error:
        if error.reason != "EMAIL_NOT_VERIFIED" or limit:
            raise
        request.scopes.append(OWN_ACCOUNT)
        return await authenticate(visit, request, path, "email")
    if answer.device_token:
        visit.jar.set(DEVICE, token=answer.device_token)
    if answer.HasField("mfa_challenge"):
        visit.jar.set(CHALLENGE, token=answer.mfa_challenge.challenge_token, next=local_path(path), limit=limit,
                      remember=request.remember_device)
        return "/login/code"
    await visit.end_session()
    visit.begin_session(answer.tokens, limit)
    return FIRST_STEPS.get(visit.limit) or local_path(path)


async def _challenge(visit: Visit) -> dict[str, Any]:
    if not visit.jar.get(CHALLENGE):
        raise SignedOut()
    return {}


async def _answer_challenge(visit: Visit, **code: str) -> str:
    await _challenge(visit)
    challenge = visit.jar.get(CHALLENGE)
    mfa = identity.MfaCredential(challenge_token=challenge["token"], **code)
    request = identity.AuthenticateRequest(mfa=mfa, remember_device=challenge["remember"])
    return await authenticate(visit, request, challenge["next"], challenge["limit"])


@form_page(router, "/login/code", "Enter your code", CODE, submit="Log in", template="code.html", context=_challenge,
           public=True, wording=WRONG_CODE)
async def enter_code(visit: Visit, form: Values) -> str:
    return await _answer_challenge(visit, totp_code=without_spaces(form["code"]))


@form_page(router, "/login/recovery-code", "Use a recovery code",
           Field("code", "Recovery code",
                 hint="One of the codes that you kept when you added the second factor. It works once."),
           submit="Log in", context=_challenge, public=True,
           wording={"INVALID_CREDENTIALS": ("code", "This code is wrong, or it was used already.")})
async def enter_recovery_code(visit: Visit, form: Values) -> str:
    return await _answer_challenge(visit, recovery_code=form["code"].strip())


@form_page(router, "/step-up", "Confirm that it is you", NEXT, ANY_CODE, submit="Confirm", context=next_page,
           intro="This part needs a code of your second factor that was entered a short time ago.",
           wording={"INVALID_CREDENTIALS": ("any_code", WRONG_CODE["INVALID_CREDENTIALS"][1])})
async def step_up(visit: Visit, form: Values) -> str:
    mfa = identity.MfaCredential(**code_of(form))
    answer = await visit.as_person(identity.AuthenticateRequest(mfa=mfa, client_info=visit.client_info))
    visit.renew_session(answer.tokens)
    return local_path(form["next"])


# An expired session that cannot be renewed must end here, too.
@form_page(router, "/logout", "Log out", submit="Log out", public=True, renews=False)
async def log_out(visit: Visit, _: Values) -> Response:
    visit.forget_steps()
    visit.jar.delete(MAILED)
    await visit.log_out()
    return visit.redirect("/login", "You are logged out.")


def without_spaces(code: str) -> str:
    return re.sub(r"\s", "", code)


def code_of(form: Values) -> dict[str, str]:
    """What was typed into ANY_CODE, as a field of MfaCredential or Proof. Empty: nothing."""
    code = without_spaces(form["any_code"])
    return {} if not code else {"totp_code": code} if re.fullmatch("[0-9]{6}", code) else {"recovery_code": code}
