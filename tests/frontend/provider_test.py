"""Logins at a real OpenID provider, in a real browser."""

import secrets
import shutil
import subprocess
import time
import unittest
import urllib.parse
import uuid

from selenium.webdriver.common.by import By

import browser
import world
from browser_case import BrowserCase
from identity.v1 import admin_service_pb2 as admin
from ports import free_port
from world import PASSWORD

IS_INSTALLED = shutil.which("node") and (world.ROOT / "node_modules" / "oidc-provider").is_dir()


@unittest.skipUnless(IS_INSTALLED, "oidc-provider is not installed")
class ProviderTest(BrowserCase):

    @classmethod
    def setUpClass(cls):
        here = world.current()
        port, provider_port = free_port(), free_port()
        issuer, secret = cls.issuer, _ = f"https://localhost:{provider_port}", secrets.token_urlsafe(32)
        certificate, key = here.authority.issue("provider")
        # Node 18 has the standard's cryptography only behind this flag, and later versions accept it.
        process = subprocess.Popen(
            ["node", "--experimental-global-webcrypto", world.ROOT / "tests" / "frontend" / "provider.mjs",
             str(provider_port), certificate, key, f"http://localhost:{port}/login/callback/elsewhere", secret],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8")
        cls.addClassCleanup(process.stdout.close)
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.kill)
        assert process.stdout.readline() == "ready\n"
        here.admin.call(admin.CreateIdentityProviderRequest(provider={
            "name": "elsewhere", "issuer": issuer, "audiences": ["frontend"],
            "name_claim": "name", "email_claim": "email", "email_verified_claim": "email_verified",
            "link_policy": admin.LINK_POLICY_CREATE}))
        cls.addClassCleanup(here.admin.call, admin.DeleteIdentityProviderRequest(name="elsewhere"))
        (here.folder / "secret").write_text(secret, encoding="utf-8")
        providers = here.folder / "providers.toml"
        providers.write_text(f"""
            [[provider]]
            name = "elsewhere"
            label = "Elsewhere"
            issuer = "{issuer}"
            client_id = "frontend"
            client_secret_file = "{here.folder / "secret"}"

            [[provider]]
            name = "other"
            issuer = "{issuer}"
            client_id = "frontend"
            """, encoding="utf-8")
        cls.with_provider = here.start_frontend(port, PROVIDERS_FILE=providers, PROVIDER_CA_FILE=here.authority.file)
        cls.addClassCleanup(cls.with_provider.stop)

    @property
    def frontend(self):
        return self.with_provider

    def answer_provider(self, chromium, person):
        """Fills in the provider's own pages until the browser is back."""
        while not chromium.driver.current_url.startswith(self.frontend.origin):
            if chromium.driver.find_elements(By.NAME, "login"):
                chromium.fill(login=person, password="anything")
            chromium._leave(chromium.driver.find_element(By.CSS_SELECTOR, "[type=submit]"))

    def log_in_elsewhere(self, chromium, person, path="/login"):
        chromium.open(path)
        chromium.press("Log in with Elsewhere")
        world.wait_for(lambda: not chromium.driver.current_url.startswith(self.frontend.origin), "page of the provider")
        self.answer_provider(chromium, person)

    def test_a_person_without_a_password_logs_in_and_sets_one(self):
        for scripts in (True, False):
            with self.subTest(scripts=scripts):
                self.live_elsewhere(self.browse(scripts), scripts)

    def live_elsewhere(self, chromium, scripts):
        person = f"grace-{uuid.uuid4().hex[:12]}"
        self.log_in_elsewhere(chromium, person, "/login?next=/account/identities")
        self.assertEqual(chromium.path, "/account/identities")
        self.assertIn(f"{person}@example.com", chromium.text)
        # A proof must be later than the login, and providers tell times in seconds.
        login_end = int(time.time())
        world.wait_for(lambda: int(time.time()) > login_end, "next second")
        chromium.open("/account/password")
        chromium.press("Confirm at Elsewhere instead")
        world.wait_for(lambda: not chromium.driver.current_url.startswith(self.frontend.origin), "page of the provider")
        self.answer_provider(chromium, person)
        self.assertEqual(chromium.path, "/account/password")
        self.assert_notice(chromium, "You have confirmed at Elsewhere")
        chromium.fill(new_password=PASSWORD)
        chromium.press("Change password")
        self.assert_notice(chromium, "Your password is changed")
        chromium.open("/account/identities")
        chromium.follow("Unlink")
        if scripts and browser.AXE.exists():
            self.assert_looks_good(chromium, "account-identities-unlink")
        chromium.fill(current_password=PASSWORD)
        chromium.press("Unlink it")
        self.assert_notice(chromium, "The login is unlinked")

    def test_an_answer_for_another_browser_logs_nobody_in(self):
        visitor = self.visitor()
        answer = visitor.follow(visitor.get("/login/callback/elsewhere?code=stolen&state=forged"))
        self.assertIn("The login took too long", answer.text)
        self.assert_signed_out(visitor)

    def test_an_answer_with_another_state_or_issuer_logs_nobody_in(self):
        issuer = urllib.parse.quote(self.issuer, safe="")
        for page, query in (("elsewhere", f"code=x&state=forged&iss={issuer}"),
                            ("elsewhere", f"state={{state}}&error=access_denied&iss={issuer}"),
                            ("elsewhere", "code=x&state={state}&iss=https://evil.example"),
                            ("elsewhere", "code=x&state={state}"),
                            ("other", f"code=x&state={{state}}&iss={issuer}")):
            visitor = self.visitor()
            left = visitor.post("/login/provider/elsewhere", page="/login")
            state = left.text.partition("state=")[2].partition("&")[0]
            answer = visitor.get(f"/login/callback/{page}?" + query.format(state=state))
            self.assertEqual((answer.status, answer.headers["location"]), (303, "/login"))
            self.assert_signed_out(visitor)

    def test_a_code_that_the_provider_refuses_is_an_error_page_once(self):
        visitor = self.visitor()
        left = visitor.post("/login/provider/elsewhere", page="/login")
        state = left.text.partition("state=")[2].partition("&")[0]
        answer = f"/login/callback/elsewhere?code=x&state={state}&iss={urllib.parse.quote(self.issuer, safe='')}"
        self.assertEqual([visitor.get(answer).status for _ in range(2)], [502, 303])

    def test_a_link_ends_no_login_that_is_under_way(self):
        visitor = self.visitor()
        left = visitor.post("/login/provider/elsewhere", page="/login")
        state = left.text.partition("state=")[2].partition("&")[0]
        visitor.get("/login/callback/elsewhere?code=x&state=forged")
        answer = f"/login/callback/elsewhere?code=x&state={state}&iss={urllib.parse.quote(self.issuer, safe='')}"
        self.assertEqual(visitor.get(answer).status, 502)

    def test_a_login_that_is_not_ones_own_is_not_unlinked(self):
        self.assertEqual(self.person().get(f"/account/identities/{'0' * 32}/unlink").status, 404)

    def test_the_way_to_the_provider_has_pkce_and_a_nonce(self):
        visitor = self.visitor()
        left = visitor.post("/login/provider/elsewhere", page="/login").text
        for parameter in ("code_challenge_method=S256", "code_challenge=", "nonce=", "state="):
            self.assertIn(parameter, left)
        cookie, = [line for line in visitor.cookies if line == "__Host-provider"]
        self.assertNotIn("verifier", visitor.cookies[cookie])

    def test_an_unknown_provider_is_an_error_page(self):
        visitor = self.visitor()
        self.assertEqual(visitor.post("/login/provider/nobody", page="/login").status, 404)
