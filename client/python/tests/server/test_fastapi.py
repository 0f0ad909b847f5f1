"""The guard of FastAPI, behind a real HTTP server."""

import unittest

from fastapi import APIRouter, Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.websockets import WebSocketDisconnect

from identity import aio
from identity.fastapi import Decision, Guard
from tests.server import service
from tests.server.http import served

PROBLEM = "application/problem+json"


def app_of(client):
    app = FastAPI()
    identity = Guard(app, client, unguarded=["/openapi.json", "/static", "/open"])
    router = APIRouter()

    @app.get("/orgs/{org}/posts/{id}")
    async def read(caller: Decision = Depends(identity.require("notes:read", resource="orgs/{org}/posts/{id}"))):
        return {"by": caller.principal.username, "session": caller.session_id, "scopes": caller.scopes}

    @app.put("/orgs/{org}/posts/{id}")
    def update(_: Decision = Depends(identity.require("notes:update", resource="orgs/{org}/posts/{id}"))):
        return {}

    @app.get("/files/{path:path}")
    def file(_: Decision = Depends(identity.require("notes:read", resource="orgs/{path}"))):
        return {}

    @app.get("/orgs/{org}/settings")
    def settings(caller: Decision | None = Depends(identity.optional("notes:update", resource="orgs/{org}"))):
        return {"may_update": caller is not None}

    @app.get("/forgotten")
    def forgotten():
        return {}

    @router.get("/router/forgotten")
    def forgotten_in_router():
        return {}

    @router.get("/router/ping", dependencies=[Depends(identity.public)])
    def ping():
        return {}

    @router.websocket("/router/socket")
    async def socket(connection: WebSocket):
        await connection.accept()

    @app.websocket("/public/socket")
    async def public_socket(connection: WebSocket, _: None = Depends(identity.public)):
        await connection.accept()
        await connection.send_text("hello")

    async def hello(_request):
        return PlainTextResponse("hello")

    app.add_route("/open", hello)
    router.add_route("/closed", hello)
    for path in ("/static", "/static2"):
        app.mount(path, Route("/{any:path}", hello))
    app.include_router(router)
    return app


class FastApiTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        user_id, login = service().user("ada")
        service().bind(user_id, service().role("notes:read", "notes:update"), "orgs/acme")
        cls.token = service().tokens(login).access_token
        cls.narrow_token = service().tokens(login, ["notes:read"]).access_token
        cls.client = aio.Client(service().address, service().key, plaintext=True)
        cls.app = app_of(cls.client)
        cls.http = cls.enterClassContext(served(cls.app))

    def get(self, path, *headers):
        return self.http.get(path, headers=list(headers))

    def assert_refused(self, answer, status, reason, challenge=None):
        self.assertEqual((answer.status_code, answer.json()["reason"]), (status, reason))
        self.assertEqual(answer.headers["content-type"], PROBLEM)
        self.assertEqual(answer.headers.get("www-authenticate"), challenge)
        self.assertEqual(answer.json()["status"], status)
        self.assertNotIn(self.token, answer.text)

    def test_the_endpoint_gets_the_decision(self):
        answer = self.get("/orgs/acme/posts/p1", ("authorization", f"Bearer {self.token}")).json()
        self.assertTrue(answer["by"].startswith("ada-"))
        self.assertTrue(answer["session"])
        self.assertEqual(answer["scopes"], ["*"])

    def test_no_credential(self):
        self.assert_refused(self.get("/orgs/acme/posts/p1"), 401, "CREDENTIAL_REQUIRED", 'Bearer realm="identity"')

    def test_credentials_that_are_not_valid(self):
        challenge = 'Bearer realm="identity", error="invalid_token"'
        token = ("authorization", f"Bearer {self.token}")
        for headers in ([("authorization", "Bearer wrong")], [("authorization", "Basic YTpi")], [token, token],
                        [("x-api-key", "idk_wrong")], [("x-api-key", "idk_a"), ("x-api-key", "idk_a")],
                        [("authorization", "")]):
            with self.subTest(headers=[name for name, _ in headers]):
                self.assert_refused(self.get("/orgs/acme/posts/p1", *headers), 401, "CREDENTIAL_INVALID", challenge)

    def test_a_missing_permission(self):
        answer = self.get("/orgs/other/posts/p1", ("authorization", f"Bearer {self.token}"))
        self.assert_refused(answer, 403, "NO_BINDING")

    def test_a_missing_scope_is_named(self):
        answer = self.http.put("/orgs/acme/posts/p1", headers={"authorization": f"Bearer {self.narrow_token}"})
        self.assert_refused(answer, 403, "SCOPE_INSUFFICIENT",
                            'Bearer realm="identity", error="insufficient_scope", scope="notes:update"')

    def test_a_slash_in_a_value_is_refused(self):
        for path in ("/files/acme/posts", "/files/..%2Facme", "/files/a%2Fb"):
            with self.subTest(path=path):
                answer = self.get(path, ("authorization", f"Bearer {self.token}"))
                self.assert_refused(answer, 400, "INVALID_FIELD")
                self.assertEqual(answer.json()["errors"][0]["field"], "path")

    def test_an_optional_permission(self):
        for token, may_update in ((None, False), (self.narrow_token, False), (self.token, True)):
            answer = self.get("/orgs/acme/settings", *([("authorization", f"Bearer {token}")] if token else []))
            self.assertEqual((answer.status_code, answer.json()), (200, {"may_update": may_update}))

    def test_an_optional_permission_does_not_make_a_credential_optional(self):
        answer = self.get("/orgs/acme/settings", ("authorization", "Bearer wrong"))
        self.assert_refused(answer, 401, "CREDENTIAL_INVALID", 'Bearer realm="identity", error="invalid_token"')

    def test_a_route_without_a_rule_is_refused(self):
        for path in ("/forgotten", "/router/forgotten"):
            answer = self.get(path, ("authorization", f"Bearer {self.token}"))
            self.assert_refused(answer, 403, "METHOD_WITHOUT_RULE")

    def test_what_has_no_dependencies_is_refused(self):
        for path in ("/docs", "/redoc", "/closed", "/static2/a", "/static2/"):
            with self.subTest(path=path):
                answer = self.get(path, ("authorization", f"Bearer {self.token}"))
                self.assert_refused(answer, 403, "METHOD_WITHOUT_RULE")

    def test_what_is_unguarded_passes(self):
        for path in ("/open", "/static/a"):
            self.assertEqual(self.get(path).text, "hello", path)

    def test_a_websocket_without_a_rule_is_refused(self):
        with TestClient(self.app) as client:
            with self.assertRaises(WebSocketDisconnect), client.websocket_connect("/router/socket"):
                pass
            with client.websocket_connect("/public/socket") as socket:
                self.assertEqual(socket.receive_text(), "hello")

    def test_routes_that_do_not_exist_keep_their_answers(self):
        for method, path, status in (("GET", "/unknown", 404), ("DELETE", "/router/ping", 405),
                                     ("GET", "/router/ping/", 307)):
            self.assertEqual(self.http.request(method, path).status_code, status, path)
        self.assertEqual(self.app.url_path_for("forgotten"), "/forgotten")

    def test_a_public_route(self):
        self.assertEqual(self.get("/router/ping").status_code, 200)

    def test_an_undecided_request_is_refused(self):
        for client in (aio.Client(service().address, "idk_wrong", plaintext=True),
                       aio.Client("127.0.0.1:1", service().key, plaintext=True)):
            with served(app_of(client)) as http:
                answer = http.get("/orgs/acme/posts/p1", headers={"authorization": f"Bearer {self.token}"})
                self.assert_refused(answer, 503, "UNDECIDED")
                self.assertEqual(answer.headers["retry-after"], "1")

    def test_every_event_loop_gets_a_connection(self):
        for _ in range(2):  # each request of the test client has a loop of its own
            answer = TestClient(self.app).get("/orgs/acme/posts/p1", headers={"authorization": f"Bearer {self.token}"})
            self.assertEqual(answer.status_code, 200)

    def test_openapi_shows_both_kinds_of_credentials(self):
        schema = self.http.get("/openapi.json").json()
        schemes = schema["components"]["securitySchemes"]
        self.assertEqual({(each["type"], each.get("scheme", each.get("name"))) for each in schemes.values()},
                         {("http", "bearer"), ("apiKey", "x-api-key")})
        self.assertEqual(schema["paths"]["/orgs/{org}/posts/{id}"]["get"]["security"], [{name: []} for name in schemes])
        self.assertNotIn("security", schema["paths"]["/router/ping"]["get"])

    def test_the_guard_comes_before_the_routes(self):
        app = FastAPI()
        app.get("/")(lambda: {})
        with self.assertRaises(ValueError):
            Guard(app, self.client)

    def test_unguarded_is_no_text(self):
        with self.assertRaises(TypeError):
            Guard(FastAPI(), self.client, unguarded="/docs")


if __name__ == "__main__":
    unittest.main()
