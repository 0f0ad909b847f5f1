"""Limits and overload of Identity, as people see them."""

import concurrent.futures
import time
import uuid

import http_server
import world
from case import Case
from frontend.sessions import Session
from identity.v1 import admin_service_pb2 as admin
from identity.v1 import identity_service_pb2 as identity
from ports import free_port
from world import PASSWORD, PASSWORD_HASH

PEOPLE = 200
HOUR_SECONDS = 300


class LimitsTest(Case):
    """A server whose limits by address are low, behind a proxy on loopback."""

    @classmethod
    def setUpClass(cls):
        limits = ("--login-failures-per-minute=2", "--registrations-per-hour=1", "--calls-per-minute=3")
        cls.server = http_server.HttpServer("--trusted-proxies=127.0.0.1", limits=limits)
        cls.addClassCleanup(cls.server.stop)
        cls.behind_proxy = world.current().start_frontend(address=cls.server.rpc_address, TRUSTED_PROXIES="127.0.0.0/8")
        cls.addClassCleanup(cls.behind_proxy.stop)
        cls.alone = world.current().start_frontend(address=cls.server.rpc_address)
        cls.addClassCleanup(cls.alone.stop)

    @staticmethod
    def fail(visitor):
        return visitor.log_in(f"nobody-{uuid.uuid4().hex[:12]}", "wrong")

    def test_limits_hold_for_each_address_and_say_when_to_retry(self):
        first, second = (self.visitor(self.behind_proxy, **{"X-Forwarded-For": f"6.6.6.6, {address}, 127.0.0.9"})
                         for address in ("203.0.113.5", "203.0.113.6"))
        answers = [self.fail(first) for _ in range(3)]
        self.assertEqual([answer.status for answer in answers], [422, 422, 429])
        self.assertGreater(int(answers[2].headers["retry-after"]), 0)
        self.assertIn("There were too many attempts. Try again in", answers[2].text)
        self.assertEqual(self.fail(second).status, 422)
        token = first.ask("POST", "/token", "grant_type=password&username=nobody&password=wrong",
                          {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual((token.status, token.headers["retry-after"] is None), (429, False))

    def test_registrations_are_limited_by_address(self):
        visitor = self.visitor(self.behind_proxy, **{"X-Forwarded-For": "203.0.113.7"})
        forms = [{"username": f"ada-{uuid.uuid4().hex[:12]}", "email": "ada@example.com", "password": PASSWORD}
                 for _ in range(2)]
        self.assertEqual([visitor.post("/register", form).status for form in forms], [303, 429])

    def test_a_client_cannot_choose_its_address(self):
        visitors = [self.visitor(self.alone, **{"X-Forwarded-For": f"203.0.113.{number}"}) for number in range(10, 13)]
        self.assertEqual([self.fail(visitor).status for visitor in visitors], [422, 422, 429])


    def test_a_dead_session_uses_up_the_calls_of_its_own_address_only(self):
        name = self.world.add_user()
        tokens = self.world.log_in(name)
        self.world.client.call(identity.RevokeRequest(refresh_token=tokens.refresh_token))
        dead = self.behind_proxy.seals.seal("session", Session.begin(tokens).dump())

        def open_account(address):
            visitor = self.visitor(self.behind_proxy, **{"X-Forwarded-For": address})
            visitor.cookies["__Host-session"] = dead
            return visitor.get("/account").status
        world.wait_for(lambda: open_account("203.0.113.20") == 303, "revocation")
        self.assertIn(429, [open_account("203.0.113.21") for _ in range(4)])
        self.assertEqual(open_account("203.0.113.22"), 303)

    def test_the_audit_has_the_address_of_the_person(self):
        visitor = self.visitor(self.behind_proxy, **{"X-Forwarded-For": "203.0.113.30"})
        name = self.world.add_user()
        person = self.world.log_in(name).principal_id
        visitor.log_in(name)
        self.assertEqual(visitor.post("/account/profile", {"full_name": "Ada"}).status, 303)
        event, = self.world.admin.call(admin.ListAuditEventsRequest(actor_id=person, event="user.updated")).events
        self.assertEqual(event.ip_address, "203.0.113.30")


class BusyHourTest(Case):
    """Everybody logs in at once. Each person sees pages or, after a wait, the notice that says when to try again."""

    def test_everybody_gets_in_and_nobody_sees_a_fault(self):
        names = [f"busy-{uuid.uuid4().hex[:12]}" for _ in range(PEOPLE)]
        for name in names:
            self.world.admin.call(admin.CreateUserRequest(username=name, email=f"{name}@example.com",
                                                          password_hash=PASSWORD_HASH))
        with concurrent.futures.ThreadPoolExecutor(PEOPLE) as pool:
            notices = list(pool.map(self.get_in, names))
        print(f"{PEOPLE} people, {sum(notices)} notices ", end="", flush=True)

    def get_in(self, name):
        """Logs in, as a person who does what the notice says. Returns the number of notices."""
        visitor = self.visitor()
        self.assertEqual(visitor.get("/login").status, 200)
        end = time.monotonic() + HOUR_SECONDS
        notices = 0
        while (answer := visitor.log_in(name)).status != 303:
            self.assertEqual(answer.status, 503)
            self.assertIn("Many people are waiting right now", answer.text)
            self.assertLess(time.monotonic(), end)
            notices += 1
            time.sleep(int(answer.headers["retry-after"]))
        self.assertEqual(visitor.follow(answer).status, 200)
        return notices

    def test_an_identity_that_is_away_is_a_page_with_a_delay(self):
        alone = self.world.start_frontend(address=f"127.0.0.1:{free_port()}")
        self.addCleanup(alone.stop)
        visitor = self.visitor(alone)
        answer = visitor.log_in("ada")
        self.assertEqual((answer.status, answer.headers["retry-after"]), (503, "1"))
        self.assertIn("cannot be reached", answer.text)

    def test_a_bad_key_of_the_frontend_ends_no_session(self):
        broken = world.Frontend(self.world.folder / "broken", self.world.here.addresses[0], "idk_x", free_port())
        self.addCleanup(broken.stop)
        session = self.frontend.seals.open("session", self.person().cookies["__Host-session"])
        visitor = self.visitor(broken)
        old = {**session, "refresh_time": 0, "expire_time": 0}
        visitor.cookies["__Host-session"] = broken.seals.seal("session", old)
        self.assertEqual(visitor.get("/account").status, 503)
        self.assertIn("__Host-session", visitor.cookies)
        self.assertEqual(visitor.ask("POST", "/token", "grant_type=refresh_token&refresh_token=x", {
            "Content-Type": "application/x-www-form-urlencoded"}).status, 503)
        self.assertIn("CALLER_INVALID", broken.log)
        self.assertNotIn("idk_x", broken.log)

    def test_people_can_leave_while_identity_is_away(self):
        alone = self.world.start_frontend(address=f"127.0.0.1:{free_port()}")
        self.addCleanup(alone.stop)
        session = self.frontend.seals.open("session", self.person().cookies["__Host-session"])
        visitor = self.visitor(alone)
        for values in (session, {**session, "refresh_time": 0, "expire_time": 0}):
            visitor.cookies["__Host-session"] = alone.seals.seal("session", values)
            self.assertEqual(visitor.post("/logout").status, 503)
            self.assert_signed_out(visitor)
