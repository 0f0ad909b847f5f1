"""The driver of tests/conformance for this client. With --asyncio, for that of identity.aio."""

import asyncio
import collections
import concurrent.futures
import json
import sys
import threading
import time

import grpc
import grpc.aio

import guestbook_pb2
import identity
from identity import aio
from identity.grpc import PUBLIC, AioGuard, Guard, Rule, decision
from identity.v1.admin_service_pb2 import CreateRoleRequest
from identity.v1.identity_service_pb2 import AuthenticateRequest, CheckPermissionRequest, Decision, Reason

RULES = {
    "Read": Rule("posts:read", "orgs/{org}/posts/{post.id}"),
    "Update": Rule("posts:update", "orgs/{org}/posts/{post.id}"),
    "Count": Rule("posts:read", "orgs/{number}"),
    "Ping": PUBLIC,
}


class Threads:
    """The library for threads."""

    Client, Session = identity.Client, identity.Session

    @staticmethod
    def do(result):
        return result

    @staticmethod
    def serve(client, rules):
        """Starts a guarded server, and returns it and its port."""
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(8), [_handlers(_seen)], [Guard(client, rules)])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        return server, port


class Asyncio:
    """The library for asyncio. `do` waits in a thread for a coroutine, which runs in one event loop."""

    Client, Session = aio.Client, aio.Session

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def serve(self, client, rules):
        return self.do(self._serve(client, rules))

    async def _serve(self, client, rules):
        async def seen(request, context):
            return _seen(request, context)
        server = grpc.aio.server(handlers=[_handlers(seen)], interceptors=[AioGuard(client, rules)])
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port


class Driver:
    """Each public method is a command: it takes the members of the command, and returns the answer."""

    def __init__(self, library):
        self._library = library
        self._client = None
        self._session = None
        self._seconds_ahead = 0
        self._server = None
        self._verifiers = {}

    def connect(self, address, plaintext, credential, deadline_ms=None):
        if self._client:
            self._library.do(self._client.close())
        credential = credential or {}
        source = identity.File(credential["file"]) if "file" in credential else credential.get("text")
        options = {} if deadline_ms is None else {"timeout": deadline_ms / 1000}
        self._client = self._library.Client(address, source, plaintext=plaintext, **options)
        return {"ok": True}

    def _call(self, request):
        return self._library.do(self._client.call(request))

    def check(self, subject, permission, resource):
        request = CheckPermissionRequest(permission=permission, resource=resource)
        for name, value in subject.items():
            setattr(request, name, value)
        answer = self._call(request)
        return {"decision": Decision.Name(answer.decision).removeprefix("DECISION_"),
                "reason": Reason.Name(answer.reason).removeprefix("REASON_"), "username": answer.principal.username,
                **({"retry": True} if answer.HasField("quota") and answer.quota.remaining == 0 else {})}

    def check_many(self, times, **check):
        return collections.Counter(self._kind(**check) for _ in range(times))

    def _kind(self, **check):
        try:
            answer = self.check(**check)
            return f"{answer['decision']}/{answer['reason']}"
        except identity.Error as error:
            return f"{error.code.name}/{error.reason}"

    def create_role(self, name, request_id):
        self._call(CreateRoleRequest(role={"name": name}, request_id=request_id))
        return {"ok": True}

    def log_in(self, login, password):
        tokens = self._call(AuthenticateRequest(password={"login": login, "password": password})).tokens
        self._seconds_ahead = 0
        self._session = self._library.Session(self._client, tokens, clock=lambda: time.time() + self._seconds_ahead)
        return {"ok": True, "principal_id": self._session.principal_id, "session_id": self._session.id}

    def advance_clock(self, seconds):
        self._seconds_ahead += seconds
        return {"ok": True}

    def use_session(self, parallel):
        with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
            uses = list(pool.map(lambda _: self._use_session(), range(parallel)))
        return {"answers": collections.Counter(answer for answer, _ in uses),
                "tokens": len({token for _, token in uses if token})}

    def _use_session(self):
        try:
            token = self._library.do(self._session.token())
        except identity.Error as error:
            return f"{error.code.name}/{error.reason}", None
        answer = self._kind(subject={"access_token": token}, permission="posts:read", resource="orgs/acme/posts/p1")
        return answer, token

    def serve(self):
        if self._server:
            self._library.do(self._server.stop(None))
        rules = {f"/guestbook.v1.Guestbook/{name}": rule for name, rule in RULES.items()}
        self._server, port = self._library.serve(self._client, rules)
        return {"port": port}

    def verify(self, jwks, issuer, audience, token):
        from identity.verify import KeysUnavailable, VerificationError, Verifier
        key = (jwks, issuer, audience)
        if key not in self._verifiers:
            self._verifiers[key] = Verifier(jwks, issuer=issuer, audience=audience)
        try:
            return {"subject": self._verifiers[key].verify(token).subject}
        except (VerificationError, KeysUnavailable):
            return {"error": "INVALID"}


def _handlers(handler):
    """The service, all of whose methods have the same handler."""
    service = guestbook_pb2.DESCRIPTOR.services_by_name["Guestbook"]
    return grpc.method_handlers_generic_handler(service.full_name, {
        method.name: grpc.unary_unary_rpc_method_handler(
            handler, getattr(guestbook_pb2, method.input_type.name).FromString, guestbook_pb2.Seen.SerializeToString)
        for method in service.methods})


def _seen(_request, _context):
    made = decision()
    if made is None:
        return guestbook_pb2.Seen()
    return guestbook_pb2.Seen(principal_id=made.principal.id, username=made.principal.username, scopes=made.scopes,
                              session_id=made.session_id, consistency_token=made.consistency_token)


def answer_of(driver, command):
    try:
        return getattr(driver, command.pop("do"))(**command)
    except identity.Error as error:
        retry = {} if error.retry_after is None else {"retry": True}
        return {"error": error.code.name, "reason": error.reason, **retry}
    except Exception as error:  # pylint: disable=broad-except
        return {"fault": f"{type(error).__name__}: {error}"}


def main():
    driver = Driver(Asyncio() if "--asyncio" in sys.argv else Threads())
    for line in sys.stdin:
        print(json.dumps(answer_of(driver, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
