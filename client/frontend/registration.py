"""The pages for new accounts, and those that mailed links open."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from identity.v1 import account_service_pb2 as account

from .cookies import MAILED
from .forms import Field, Values, form_page
from .visits import SignedOut, Visit

router = APIRouter()

_TOKEN_LENGTH = 200  # longer than any that Identity mails
PASSWORD_HINT = "At least 8 characters. A few uncommon words are better than one word with digits."


@form_page(router, "/register", "Create an account",
           Field("username", "Username", autocomplete="username", hint="3 to 50 letters, digits, - and _."),
           Field("email", "E-mail address", "email", "email"),
           Field("full_name", "Full name", autocomplete="name", required=False),
           Field("password", "Password", "password", "new-password", PASSWORD_HINT),
           submit="Create account", template="register.html", public=True,
           wording={"ALREADY_EXISTS": ("username", "This name is taken, or the e-mail address belongs to an account.")})
async def register(visit: Visit, form: Values) -> Response:
    await visit.as_frontend(account.RegisterRequest(
        username=form["username"], email=form["email"], full_name=form["full_name"], password=form["password"],
        client_info=visit.client_info))
    return visit.redirect("/login", "Your account is ready. Log in with your username. If you get a mail, open its "
                                    "link to verify your address.")


@router.get("/links/verify-email", response_model=None)
@router.get("/links/reset-password", response_model=None)
async def open_link(token: str = "", visit: Visit = Depends(Visit.begin)) -> Response:
    """Moves the token of a mailed link from the URL into a cookie, so no history and no Referer has it."""
    page = visit.request.url.path.removeprefix("/links")
    visit.jar.set(MAILED, page=page, token=token[:_TOKEN_LENGTH])
    return visit.redirect(page)


def _mailed_token(visit: Visit) -> str:
    """The token of the link to this page. Empty: no such link was opened."""
    mailed = visit.jar.get(MAILED)
    return mailed["token"] if mailed.get("page") == visit.request.url.path else ""


async def _verification(visit: Visit) -> dict[str, Any]:
    if not visit.session:
        raise SignedOut()
    answer = await visit.as_person(account.GetAccountRequest())
    return {"account": answer.account, "has_token": bool(_mailed_token(visit))}


@form_page(router, "/verify-email", "Verify your e-mail address", submit="Verify this address", template="verify.html",
           context=_verification)
async def verify_email(visit: Visit, _: Values) -> Response:
    answer = await visit.as_person(account.VerifyEmailRequest(
        token=_mailed_token(visit), client_info=visit.client_info))
    visit.jar.delete(MAILED)
    if visit.limit == "email":
        await visit.end_session()
        return visit.redirect("/login", "Your address is verified. Log in once more.")
    visit.renew_session(answer.tokens)
    return visit.redirect("/account", "Your address is verified.")


@form_page(router, "/verify-email/again", "Send the mail again", submit="Send the mail again")
async def resend(visit: Visit, _: Values) -> Response:
    await visit.as_person(account.ResendVerificationRequest())
    return visit.redirect("/verify-email", "If there is something to verify, a mail is on its way.")


@form_page(router, "/forgot", "Forgot your password?",
           Field("login", "Username or e-mail address", autocomplete="username"), submit="Send a mail", public=True,
           intro="You get a mail with a link, on which you choose a new password.")
async def forgot(visit: Visit, form: Values) -> Response:
    await visit.as_frontend(account.RequestPasswordResetRequest(login=form["login"], client_info=visit.client_info))
    return visit.redirect("/login", "If this account exists and has an e-mail address, a mail is on its way. Its link "
                                    "works for an hour.")


@form_page(router, "/reset-password", "Choose a new password",
           Field("new_password", "New password", "password", "new-password", PASSWORD_HINT), submit="Set password",
           public=True, intro="You are then logged out everywhere, and your API keys stop working.")
async def reset_password(visit: Visit, form: Values) -> Response:
    await visit.as_frontend(account.ResetPasswordRequest(
        token=_mailed_token(visit), new_password=form["new_password"], client_info=visit.client_info))
    visit.jar.delete(MAILED)
    await visit.end_session()
    return visit.redirect("/login", "Your new password is set. Log in with it.")
