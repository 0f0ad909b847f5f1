"""A resource server of FastAPI takes the tokens of the service, with the code of docs/doors.md."""

import http.client
import json
import threading
import time
import unittest

import uvicorn

import client
import deployment
import documents
import http_server
from ports import free_port

SECONDS = 30


class FastApiTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.doors = http_server.HttpServer(is_issuer=True)
        cls.addClassCleanup(cls.doors.stop)
        code, = [text for text in documents.blocks("docs/doors.md", "python") if "FastAPI" in text]
        names = {}
        exec(code.replace("https://id.example.com", cls.doors.url), names)
        cls.port = free_port()
        cls.server = uvicorn.Server(uvicorn.Config(names["app"], port=cls.port, log_level="warning"))
        thread = threading.Thread(target=cls.server.run)
        thread.start()
        cls.addClassCleanup(thread.join)
        cls.addClassCleanup(setattr, cls.server, "should_exit", True)
        end = time.monotonic() + SECONDS
        while not cls.server.started and time.monotonic() < end:
            time.sleep(0.02)

    def ask(self, token=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        self.addCleanup(connection.close)
        connection.request("GET", "/orders", headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def token(self, audience, doors=None):
        here = deployment.current()
        address = (doors or self.doors).rpc_address
        return client.anonymous(self, address=address).log_in(here.admin_login, here.admin_password,
                                                              audience=audience).access_token

    def test_a_token_of_the_audience_is_accepted(self):
        status, answer = self.ask(self.token("shop"))
        self.assertEqual(status, 200)
        self.assertEqual(set(answer), {"caller", "scope"})

    def test_other_tokens_are_refused(self):
        other_issuer = http_server.HttpServer()
        self.addCleanup(other_issuer.stop)
        good = self.token("shop")
        signed, _, signature = good.rpartition(".")
        forged = f"{signed}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
        for token in (None, "x", forged, self.token("identity"), self.token("shop", other_issuer)):
            self.assertEqual(self.ask(token)[0], 401, token)


if __name__ == "__main__":
    unittest.main()
