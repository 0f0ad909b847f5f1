"""The code of README.md, as it stands there."""

import os
import re
import unittest

from tests.server import PYTHON, service
from tests.server.http import served

SETUP = "import os\nfrom fastapi import Depends, FastAPI\napp = FastAPI()\n"


def block_under(heading, number=0):
    section = (PYTHON / "README.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[number]


class ReadmeTest(unittest.TestCase):

    def setUp(self):
        os.environ.update(IDENTITY_ADDRESS=service().address, IDENTITY_SERVICE_KEY=service().key)

    def test_five_lines_protect_an_endpoint(self):
        lines = block_under("Protect an endpoint")
        self.assertEqual(len(lines.splitlines()), 5)
        names = {}
        exec(SETUP + lines, names)
        key = service().program(service().role("posts:update"), "orgs/acme")
        with served(names["app"]) as http:
            self.assertEqual(http.put("/orgs/acme/posts/p1").status_code, 401)
            self.assertEqual(http.put("/orgs/other/posts/p1", headers={"x-api-key": key}).status_code, 403)
            answer = http.put("/orgs/acme/posts/p1", headers={"x-api-key": key})
        self.assertEqual(answer.status_code, 200)
        self.assertRegex(answer.json()["updated by"], "^program-")

    def test_sessions(self):
        from identity import Session
        from identity.v1.account_service_pb2 import GetAccountRequest
        from identity.v1.identity_service_pb2 import AuthenticateRequest
        id, login = service().user("ada")
        names = {"Session": Session, "GetAccountRequest": GetAccountRequest, "AuthenticateRequest": AuthenticateRequest,
                 "client": service().anyone, "login": login, "password": "correct horse battery staple"}
        exec(block_under("Credentials and sessions"), names)
        self.assertEqual(names["account"].id, id)


if __name__ == "__main__":
    unittest.main()
