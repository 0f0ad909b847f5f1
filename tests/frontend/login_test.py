"""Logins that need more than a password: devices, verified addresses, and second factors that a role demands."""

import re
import uuid

import pyotp

import http_server
import world
from case import Case
from identity.v1 import admin_service_pb2 as admin
from ports import free_port
from world import PASSWORD


class DeviceTest(Case):

    def test_a_remembered_device_gets_in_while_strangers_lock_the_account(self):
        person = self.visitor()
        name = self.world.add_user()
        person.log_in(name, remember_device="on")
        person.follow(person.post("/logout"))
        self.assertEqual(set(person.cookies), {"__Host-browser", "__Host-device"})
        for _ in range(5):
            self.visitor().log_in(name, "wrong")
        self.assertEqual(self.visitor().log_in(name).status, 422)
        self.assertEqual(person.log_in(name).status, 303)


class VerifiedAddressTest(Case):
    """A server that lets nobody in whose address is not verified."""

    @classmethod
    def setUpClass(cls):
        here = world.current()
        port = free_port()
        links = f"http://localhost:{port}/links"
        cls.server = http_server.HttpServer(
            "--require-verified-email", f"--smtp-url={here.mailbox.url}", "--smtp-allow-plaintext",
            "--mail-from=Identity <no-reply@example.com>", f"--verify-email-url={links}/verify-email?token=",
            f"--reset-password-url={links}/reset-password?token=")
        cls.addClassCleanup(cls.server.stop)
        cls.strict = here.start_frontend(port, cls.server.rpc_address)
        cls.addClassCleanup(cls.strict.stop)

    @property
    def frontend(self):
        return self.strict

    def test_a_new_account_verifies_its_address_first(self):
        visitor = self.visitor()
        name = f"ada-{uuid.uuid4().hex[:12]}"
        visitor.post("/register", {"username": name, "email": f"{name}@example.com", "password": PASSWORD})
        self.assertEqual(visitor.log_in(name).headers["location"], "/verify-email")
        self.assertIn("verify your e-mail address", visitor.get("/account").text)
        self.assertEqual(visitor.post("/verify-email/again", page="/verify-email").status, 303)
        link = self.world.mailbox.link_to(f"{name}@example.com", "verify-email")
        visitor.follow(visitor.get(link[link.index("/links"):]))
        done = visitor.post("/verify-email")
        self.assertEqual((done.status, done.headers["location"]), (303, "/login"))
        self.assertEqual(visitor.log_in(name).headers["location"], "/account")


class DemandedFactorTest(Case):
    """A role demands a second factor, shown within a few seconds."""

    MAX_AGE_SECONDS = 8

    def test_a_person_adds_a_factor_and_steps_up(self):
        role = f"reader-{uuid.uuid4().hex[:12]}"
        self.world.admin.call(admin.CreateRoleRequest(role={
            "name": role, "permissions": ["identity:users:read"], "mfa_max_age": {"seconds": self.MAX_AGE_SECONDS}}))
        name = self.world.add_user(role)
        person = self.visitor()
        self.assertEqual(person.log_in(name).headers["location"], "/account/factor")
        self.assertIn("Your role needs a second factor", person.get("/account").text)
        codes = self.add_factor(person)
        self.assert_signed_out(person)
        self.assertEqual(person.log_in(name, next="/admin/users").headers["location"], "/login/code")
        self.assertEqual(person.post("/login/recovery-code", {"code": codes.pop()}).headers["location"], "/admin/users")
        self.assertEqual(person.get("/admin/users").headers["location"], "/step-up?next=%2Fadmin%2Fusers")
        self.assertIn("too new", person.post("/step-up", {"any_code": codes.pop()}).text)
        self.trust(name)
        self.assertIn("wrong", person.post("/step-up", {"any_code": "000000"}).text)
        answer = person.post("/step-up", {"any_code": codes.pop(), "next": "/admin/users"})
        self.assertEqual(answer.headers["location"], "/admin/users")
        self.assertEqual(person.get("/admin/users").status, 200)
        self.assertIn("Administration", person.get("/account").text)
        world.wait_for(lambda: person.get("/admin/users").status == 303, "demand for another code")

    def add_factor(self, person):
        page = person.post("/account/factor/add", {"current_password": PASSWORD}).text
        secret = re.search(r"secret=([A-Z2-7]+)", page).group(1)
        page = person.post("/account/factor/confirm", {"code": pyotp.TOTP(secret).now()}).text
        return re.search(r"<pre[^>]*>([^<]+)</pre>", page).group(1).split()

    def trust(self, name):
        user = self.world.admin.call(admin.ListUsersRequest(query=name)).users[0]
        self.world.admin.call(admin.TrustSecondFactorRequest(user_id=user.id))
