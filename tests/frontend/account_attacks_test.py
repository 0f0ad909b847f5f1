"""Nobody learns which accounts exist, or uses a mailed link by accident."""

import uuid

import http_server
import world
from case import Case
from identity.v1 import admin_service_pb2 as admin
from strangers import without_tokens
from world import PASSWORD


class EnumerationTest(Case):
    """Nobody learns which accounts exist. The frontend has an Identity of its own here, whose work can be counted."""

    ROUNDS = 3

    @classmethod
    def setUpClass(cls):
        mails = f"--smtp-url={world.current().mailbox.url}"
        cls.server = http_server.HttpServer(mails, "--smtp-allow-plaintext", "--mail-from=no-reply@example.com",
                                            "--reset-password-url=http://localhost/reset?token=")
        cls.addClassCleanup(cls.server.stop)
        cls.alone = world.current().start_frontend(address=cls.server.rpc_address)
        cls.addClassCleanup(cls.alone.stop)

    @property
    def frontend(self):
        return self.alone

    def test_failed_logins_are_alike(self):
        disabled = self.world.add_user()
        self.world.admin.call(admin.DisablePrincipalRequest(principal_id=self.world.log_in(disabled).principal_id))
        logins = {"known": [(self.world.add_user(), "wrong") for _ in range(self.ROUNDS)],
                  "unknown": [(f"nobody-{uuid.uuid4().hex[:12]}", "wrong") for _ in range(self.ROUNDS)],
                  "disabled": [(disabled, PASSWORD)] * self.ROUNDS}
        self.assert_alike(logins, lambda visitor, login: visitor.log_in(*login), 422)

    def test_requests_for_a_new_password_are_alike(self):
        logins = {"known": [self.world.add_user() for _ in range(self.ROUNDS)],
                  "unknown": [f"nobody-{uuid.uuid4().hex[:12]}" for _ in range(self.ROUNDS)]}
        self.assert_alike(logins, lambda visitor, login: visitor.post("/forgot", {"login": login}), 303)

    def test_registrations_with_a_taken_address_are_alike(self):
        def register(visitor, address):
            return visitor.post("/register", {"username": f"new-{uuid.uuid4().hex[:12]}", "email": address,
                                              "password": PASSWORD})
        addresses = {"taken": [f"{self.world.add_user()}@example.com" for _ in range(self.ROUNDS)],
                     "free": [f"{uuid.uuid4().hex}@example.com" for _ in range(self.ROUNDS)]}
        self.assert_alike(addresses, register, 303)

    def assert_alike(self, kinds, ask, status):
        """The answers have the same status, headers and text. Identity hashes as many passwords for each, which takes
        nearly all of the time."""
        seen, hashes = set(), {kind: [] for kind in kinds}
        for turn in range(self.ROUNDS):
            for kind, logins in kinds.items():
                visitor = self.visitor()
                before = self.server.metric("identity_hash_duration_seconds_count")
                answer = ask(visitor, logins[turn])
                hashes[kind].append(self.server.metric("identity_hash_duration_seconds_count") - before)
                text = without_tokens(visitor.follow(answer).text)
                cookies = sorted(line.partition("=")[0] for line in answer.cookies)
                typed = logins[turn][0] if isinstance(logins[turn], tuple) else logins[turn]
                seen.add((answer.status, answer.headers.get("location"), *cookies, text.replace(typed, "")))
        self.assertEqual([each[0] for each in seen], [status])
        self.assertEqual(len({tuple(each) for each in hashes.values()}), 1, hashes)


class MailedLinkTest(Case):

    def test_the_token_leaves_the_url_at_once(self):
        for page in ("verify-email", "reset-password"):
            visitor = self.visitor()
            answer = visitor.get(f"/links/{page}?token=idm_secret")
            self.assertEqual((answer.status, answer.headers["location"]), (303, f"/{page}"))
            self.assertEqual(answer.headers["referrer-policy"], "strict-origin")
            self.assertNotIn("idm_secret", visitor.cookies["__Host-mailed"] + visitor.follow(answer).text)

    def test_opening_a_link_verifies_nothing(self):
        visitor = self.visitor()
        name = f"ada-{uuid.uuid4().hex[:12]}"
        visitor.post("/register", {"username": name, "email": f"{name}@example.com", "password": PASSWORD})
        link = self.world.mailbox.link_to(f"{name}@example.com", "verify-email").removeprefix(self.frontend.origin)
        visitor.follow(visitor.get(link))
        visitor.log_in(name)
        self.assertIn("not verified", visitor.get("/account").text)
        other = self.person()
        other.follow(other.get(link))
        self.assertEqual(other.post("/verify-email").status, 422)
        visitor.get(link)
        self.assertEqual(visitor.post("/verify-email").status, 303)
        self.assertNotIn("not verified", visitor.get("/account").text)

    def test_a_link_works_on_its_own_page_only(self):
        name = self.world.add_user()
        visitor = self.visitor()
        visitor.post("/forgot", {"login": name})
        link = self.world.mailbox.link_to(f"{name}@example.com", "reset-password").removeprefix(self.frontend.origin)
        visitor.get(link.replace("reset-password", "verify-email"))
        self.assertEqual(visitor.post("/reset-password", {"new_password": PASSWORD}).status, 422)
        visitor.get(link)
        self.assertEqual(visitor.post("/reset-password", {"new_password": PASSWORD}).status, 303)

    def test_a_bad_link_is_a_problem_of_the_form(self):
        for token in ("", "idm_x", "x" * 3900):
            visitor = self.visitor()
            visitor.get(f"/links/reset-password?token={token}")
            self.assertEqual(visitor.post("/reset-password", {"new_password": PASSWORD}).status, 422)
