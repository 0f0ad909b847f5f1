"""Nobody learns which accounts exist, or uses a mailed link by accident."""

import statistics
import time
import uuid

from case import Case
from identity.v1 import admin_service_pb2 as admin
from strangers import without_tokens
from world import PASSWORD


class EnumerationTest(Case):
    """Nobody learns which accounts exist."""

    ROUNDS = 9

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
        """The answers have the same status, headers and text. The medians of their times are within a factor of two:
        one that left out the hash of the password would be far off."""
        seen, times = set(), {kind: [] for kind in kinds}
        for turn in range(self.ROUNDS):
            for kind, logins in kinds.items():
                visitor = self.visitor()
                visitor.get("/login")
                begin = time.monotonic()
                answer = ask(visitor, logins[turn])
                times[kind].append(time.monotonic() - begin)
                text = without_tokens(visitor.follow(answer).text)
                cookies = sorted(line.partition("=")[0] for line in answer.cookies)
                typed = logins[turn][0] if isinstance(logins[turn], tuple) else logins[turn]
                seen.add((answer.status, answer.headers.get("location"), *cookies, text.replace(typed, "")))
        self.assertEqual([each[0] for each in seen], [status])
        medians = [statistics.median(each) for each in times.values()]
        self.assertLess(max(medians), 2 * min(medians), times)


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

    def test_a_bad_link_is_a_problem_of_the_form(self):
        for token in ("", "idm_x", "x" * 5000):
            visitor = self.visitor()
            visitor.get(f"/links/reset-password?token={token}")
            self.assertEqual(visitor.post("/reset-password", {"new_password": PASSWORD}).status, 422)
