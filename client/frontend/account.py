"""The pages of one's own account."""

from __future__ import annotations

import asyncio
import base64
import datetime
import hashlib
import json
import urllib.parse
from typing import Any, Sequence

import grpc
from fastapi import APIRouter, Depends
from fastapi.responses import Response
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from identity import Error
from identity.v1 import account_service_pb2 as account
from identity.v1 import identity_service_pb2 as identity
from identity.v1.types_pb2 import ApiKey, IdTokenCredential, Proof, Session

from .cookies import PROOF
from .forms import Field, Values, form_page
from .login import ANY_CODE, CODE, WRONG_CODE, code_of, without_spaces
from .registration import PASSWORD_HINT
from .visits import Visit

router = APIRouter(prefix="/account")

PAGE_SIZE = 1000
_MAX_PAGES = 100
LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "as long as possible"))
KEY_FIELDS = (Field("display_name", "Name", hint="So that you recognise it later."),
              Field("scopes", "Scopes", required=False,
                    hint="Permissions such as posts:read, separated by spaces. They limit the key. Empty: no limit."),
              Field("lifetime", "Works for", "select", options=LIFETIMES, required=False))


# --- One of a list ---

async def find(visit: Visit, request: Message, field: str, id: str) -> Any:
    """The object with this id in the list that the request asks for; the answer has it in `field`. A link from anywhere
    can name any id. So a page says what an id means, and acts on nothing that it cannot name. Raises Error."""
    request.page_size = PAGE_SIZE
    for _ in range(_MAX_PAGES):
        answer = await visit.as_person(request)
        for each in getattr(answer, field):
            if each.id == id:
                return each
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token
    raise not_found()


def not_found() -> Error:
    return Error(grpc.StatusCode.NOT_FOUND, "it is not in the list", reason="NOT_FOUND")


def key_facts(key: ApiKey) -> dict[str, Any]:
    return {"Name": key.display_name or "Without a name", "Begins with": key.prefix, "Scopes": " ".join(key.scopes),
            "Made": key.create_time, "Last use": key.last_use_time if key.HasField("last_use_time") else "never"}


def session_facts(session: Session) -> dict[str, Any]:
    return {"Device": session.device_name or session.user_agent or "unknown", "Address": session.ip_address or "–",
            "Since": session.create_time, "Login by": ways(session.amr)}


def ways(amr: Sequence[str]) -> str:
    """How somebody has logged in (RFC 8176), in words."""
    words = {"pwd": "password", "otp": "code", "mfa": "second factor", "fed": "another service", "rec": "recovery code"}
    return ", ".join(words.get(each, each) for each in amr)


# --- The proof of a sensitive change ---

async def proof_fields(visit: Visit) -> Sequence[Field]:
    """Asks for the password or, from people without one, for a login at their provider; and for a second factor."""
    person, identities = await asyncio.gather(visit.as_person(account.GetAccountRequest()),
                                              visit.as_person(account.ListExternalIdentitiesRequest()))
    issuers = {each.issuer for each in identities.identities}
    providers = [provider for provider in visit.site.providers.values() if provider.issuer in issuers]
    proven = visit.jar.get(PROOF)
    fields = [Field("username", kind="username", hint=person.account.username)]
    if proven:
        fields.append(Field("proven", kind="note", hint=f"You have confirmed at {proven['label']} that it is you."))
    else:
        fields.append(Field("current_password", "Current password", "password", "current-password",
                            required=not providers, providers=providers))
    if person.account.mfa_enabled:
        fields.append(ANY_CODE)
    return fields


def proof_of(visit: Visit, form: Values) -> Proof:
    """The proof that the fields of `proof_fields` hold. A login at a provider proves one change."""
    proven = visit.jar.take(PROOF)
    if not proven:
        return Proof(current_password=form["current_password"], **code_of(form))
    token = IdTokenCredential(issuer=proven["issuer"], token=proven["token"], nonce=proven["nonce"])
    return Proof(id_token=token, **code_of(form))


SENSITIVE = {"INVALID_CREDENTIALS": ("", "The password or the code is wrong. Nothing was changed.")}


# --- Profile ---

async def own_account(visit: Visit) -> dict[str, Any]:
    return {"account": (await visit.as_person(account.GetAccountRequest())).account}


@router.get("", response_model=None)
async def show_account(visit: Visit = Depends(Visit.begin)) -> Response:
    return await visit.page("account.html", **await own_account(visit))


async def _profile(visit: Visit) -> dict[str, Any]:
    context = await own_account(visit)
    return {**context, "values": {"full_name": context["account"].full_name}}


@form_page(router, "/profile", "Your name", Field("full_name", "Full name", autocomplete="name", required=False),
           context=_profile)
async def change_profile(visit: Visit, form: Values) -> Response:
    request = account.UpdateAccountRequest(account={"full_name": form["full_name"]})
    request.update_mask.paths.append("full_name")
    await visit.as_person(request)
    return visit.redirect("/account", "Your name is saved.")


@form_page(router, "/email", "Your e-mail address",
           Field("email", "New e-mail address", "email", "email"), proof_fields, context=own_account,
           intro="Your address is {account.email}. If this service sends mail, the new one counts after you have "
                 "opened the link in the mail to it.",
           wording={**SENSITIVE, "ALREADY_EXISTS": ("email", "This address belongs to another account.")})
async def change_email(visit: Visit, form: Values) -> Response:
    request = account.UpdateAccountRequest(account={"email": form["email"]}, proof=proof_of(visit, form))
    request.update_mask.paths.append("email")
    answer = await visit.as_person(request)
    is_pending = bool(answer.account.pending_email)
    return visit.redirect("/account", "Open the link in the mail to your new address." if is_pending else
                          "Your address is saved.")


@form_page(router, "/password", "Your password",
           Field("new_password", "New password", "password", "new-password", PASSWORD_HINT),
           Field("revoke_api_keys", "Revoke my API keys, too", "checkbox", required=False), proof_fields,
           submit="Change password", intro="All your other sessions end.", wording=SENSITIVE)
async def change_password(visit: Visit, form: Values) -> Response:
    answer = await visit.as_person(account.ChangePasswordRequest(
        new_password=form["new_password"], revoke_api_keys=bool(form["revoke_api_keys"]), proof=proof_of(visit, form)))
    if visit.limit == "password":
        await visit.end_session()
        return visit.redirect("/login", "Your password is set. Log in with it.")
    visit.renew_session(answer.tokens)
    return visit.redirect("/account", "Your password is changed. Other sessions have ended.")


@form_page(router, "/deactivate", "Deactivate your account", proof_fields, submit="Deactivate my account", danger=True,
           intro="You are logged out everywhere, and your API keys stop working. Only an administrator can undo this.",
           wording=SENSITIVE)
async def deactivate(visit: Visit, form: Values) -> Response:
    await visit.as_person(account.DeactivateAccountRequest(proof=proof_of(visit, form)))
    visit.forget_session()
    return visit.redirect("/login", "Your account is deactivated.")


# --- The second factor ---

@router.get("/factor", response_model=None)
async def show_factor(visit: Visit = Depends(Visit.begin)) -> Response:
    return await visit.page("factor.html", **await own_account(visit))


@form_page(router, "/factor/add", "Add a second factor", proof_fields, submit="Continue", wording=SENSITIVE,
           intro="You need an authenticator app. Whoever knows your password then still cannot log in.")
async def add_factor(visit: Visit, form: Values) -> Response:
    answer = await visit.as_person(account.EnrollTotpRequest(proof=proof_of(visit, form)))
    image = f"data:image/png;base64,{base64.b64encode(answer.qr_code_png).decode()}"
    secret, = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.otpauth_uri).query)["secret"]
    return visit.plain_page("enroll.html", uri=answer.otpauth_uri, image=image, secret=secret, code=CODE)


@form_page(router, "/factor/confirm", "Enter the first code", CODE, submit="Confirm", wording=WRONG_CODE,
           intro="The second factor counts after this.")
async def confirm_factor(visit: Visit, form: Values) -> Response:
    answer = await visit.as_person(account.ConfirmTotpRequest(totp_code=without_spaces(form["code"])))
    if visit.limit == "factor":
        await visit.end_session()
    return _show_recovery_codes(visit, answer.recovery_codes)


@form_page(router, "/factor/recovery-codes", "New recovery codes", proof_fields, submit="Make new codes",
           intro="Your present recovery codes stop working.", wording=SENSITIVE)
async def renew_recovery_codes(visit: Visit, form: Values) -> Response:
    answer = await visit.as_person(account.RegenerateRecoveryCodesRequest(proof=proof_of(visit, form)))
    return _show_recovery_codes(visit, answer.recovery_codes)


def _show_recovery_codes(visit: Visit, codes: Sequence[str]) -> Response:
    return visit.secrets(
        "Your recovery codes", codes, next="/account" if visit.session else "/login",
        intro="Each code replaces a code of your app, once. Print them, or keep them in a password manager.")


@form_page(router, "/factor/remove", "Remove the second factor", proof_fields, submit="Remove it", danger=True,
           intro="Your password alone is then enough to log in.", wording=SENSITIVE)
async def remove_factor(visit: Visit, form: Values) -> Response:
    await visit.as_person(account.DisableTotpRequest(proof=proof_of(visit, form)))
    return visit.redirect("/account/factor", "The second factor is removed.")


# --- Sessions ---

@router.get("/sessions", response_model=None)
async def show_sessions(page: str = "", visit: Visit = Depends(Visit.begin)) -> Response:
    answer = await visit.as_person(account.ListSessionsRequest(page_token=page))
    return await visit.page("sessions.html", answer=answer)


async def _named_session(visit: Visit) -> dict[str, Any]:
    session = await find(visit, account.ListSessionsRequest(), "sessions", visit.request.path_params["id"])
    return {"session": session, "facts": session_facts(session)}


@form_page(router, "/sessions/{id}/end", "End a session", submit="End the session", danger=True, template="facts.html",
           context=_named_session, intro="Whoever uses this session has to log in again.")
async def end_session(visit: Visit, _: Values) -> Response:
    session = (await _named_session(visit))["session"]
    await visit.as_person(identity.RevokeRequest(session_id=session.id))
    return visit.redirect("/account/sessions", "The session has ended.")


# --- API keys ---

@router.get("/keys", response_model=None)
async def show_keys(page: str = "", visit: Visit = Depends(Visit.begin)) -> Response:
    answer = await visit.as_person(account.ListApiKeysRequest(page_token=page))
    return await visit.page("keys.html", answer=answer)


@form_page(router, "/keys/new", "New API key", *KEY_FIELDS, proof_fields, submit="Make the key",
           intro="A program with this key acts as you.",
           wording={**SENSITIVE, "INVALID_SCOPE": ("scopes", "You hold none of these permissions.")})
async def make_key(visit: Visit, form: Values) -> Response:
    request = identity.IssueApiKeyRequest(**new_key(form), proof=proof_of(visit, form))
    return _show_key(visit, (await visit.as_person(request)).secret)


def new_key(form: Values) -> dict[str, Any]:
    """What the fields KEY_FIELDS say in an IssueApiKeyRequest."""
    return {"display_name": form["display_name"], "scopes": form["scopes"].split(),
            "expire_time": _end_of(form["lifetime"])}


def _end_of(days: str) -> Timestamp | None:
    if days not in dict(LIFETIMES) or not days:
        return None
    end = Timestamp()
    end.FromDatetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=int(days)))
    return end


async def _named_key(visit: Visit) -> dict[str, Any]:
    key = await find(visit, account.ListApiKeysRequest(), "api_keys", visit.request.path_params["id"])
    return {"key": key, "facts": key_facts(key)}


@form_page(router, "/keys/{id}/rotate", "Replace an API key", proof_fields, submit="Replace the key", wording=SENSITIVE,
           template="facts.html", context=_named_key,
           intro="You get a new key with the same name and scopes. The present one works for 24 more hours.")
async def rotate_key(visit: Visit, form: Values) -> Response:
    key = (await _named_key(visit))["key"]
    request = account.RotateApiKeyRequest(api_key_id=key.id, proof=proof_of(visit, form))
    return _show_key(visit, (await visit.as_person(request)).secret)


@form_page(router, "/keys/{id}/revoke", "Revoke an API key", submit="Revoke the key", danger=True,
           template="facts.html", context=_named_key, intro="The key stops working now, and for good.")
async def revoke_key(visit: Visit, _: Values) -> Response:
    key = (await _named_key(visit))["key"]
    await visit.as_person(identity.RevokeRequest(api_key_id=key.id))
    return visit.redirect("/account/keys", "The key is revoked.")


def _show_key(visit: Visit, secret: str) -> Response:
    return visit.secrets("Your API key", [secret], next="/account/keys",
                         intro="Give it to the program that needs it, and to nobody else.")


# --- Logins at providers ---

@router.get("/identities", response_model=None)
async def show_identities(visit: Visit = Depends(Visit.begin)) -> Response:
    answer = await visit.as_person(account.ListExternalIdentitiesRequest())
    return await visit.page("identities.html", identities=[(identity_id(each), each) for each in answer.identities])


def identity_id(each: account.ExternalIdentity) -> str:
    """An identity has no id of its own that fits a path."""
    return hashlib.sha256(json.dumps([each.issuer, each.subject]).encode()).hexdigest()[:32]


async def _named_identity(visit: Visit) -> dict[str, Any]:
    answer = await visit.as_person(account.ListExternalIdentitiesRequest())
    for each in answer.identities:
        if identity_id(each) == visit.request.path_params["id"]:
            return {"identity": each, "facts": {"Provider": each.issuer, "Your id there": each.subject}}
    raise not_found()


@form_page(router, "/identities/{id}/unlink", "Unlink a login", proof_fields, submit="Unlink it", danger=True,
           template="facts.html", context=_named_identity, wording=SENSITIVE,
           intro="It cannot log in to your account any more, and it is never linked again.")
async def unlink(visit: Visit, form: Values) -> Response:
    linked = (await _named_identity(visit))["identity"]
    await visit.as_person(account.UnlinkIdentityRequest(issuer=linked.issuer, subject=linked.subject,
                                                        proof=proof_of(visit, form)))
    return visit.redirect("/account/identities", "The login is unlinked.")
