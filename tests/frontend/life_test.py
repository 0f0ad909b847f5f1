"""The whole life of an account, in a real browser, with and without JavaScript."""

import uuid

from browser_case import BrowserCase
from world import PASSWORD

NEW_PASSWORD = "another battery of staples, correct"
RESET_PASSWORD = "yet more horses and batteries"


class LifeTest(BrowserCase):

    def test_an_account_with_javascript(self):
        self.live(self.browse(), copies=True)

    def test_an_account_without_javascript(self):
        self.live(self.browse(scripts=False), copies=False)

    def live(self, chromium, copies):
        name = f"ada-{uuid.uuid4().hex[:12]}"
        address = f"{name}@example.com"
        self.register(chromium, name, address)
        self.verify(chromium, address)
        self.change_profile(chromium)
        app, codes = self.add_factor(chromium)
        self.change_password(chromium, codes)
        chromium.log_out()
        self.log_in_with_factor(chromium, name, app, codes)
        self.use_keys(chromium, codes, copies)
        self.end_another_session(chromium, name, codes)
        chromium.log_out()
        self.reset(chromium, name, address, codes)
        self.deactivate(chromium, name, codes)

    def register(self, chromium, name, address):
        chromium.open("/login")
        chromium.follow("Create an account")
        chromium.fill(username=name, email=address, full_name="Ada", password="password")
        chromium.press("Create account")
        self.assertEqual(len(chromium.texts("#password-error")), 1)
        chromium.fill(password=PASSWORD)
        chromium.press("Create account")
        self.assertEqual(chromium.path, "/login")
        self.assert_notice(chromium, "Your account is ready")
        chromium.fill(login=name, password=PASSWORD)
        chromium.press("Log in")
        self.assertEqual(chromium.path, "/account")
        self.assertIn("not verified", chromium.text)

    def verify(self, chromium, address):
        chromium.open(self.world.mailbox.link_to(address, "verify-email"))
        self.assertEqual(chromium.path, "/verify-email")
        chromium.press("Verify this address")
        self.assert_notice(chromium, "Your address is verified")
        self.assertNotIn("not verified", chromium.text)

    def change_profile(self, chromium):
        chromium.follow("Change your name")
        chromium.fill(full_name="Ada Lovelace")
        chromium.press("Save")
        self.assertIn("Ada Lovelace", chromium.text)

    def add_factor(self, chromium):
        chromium.follow("Manage your second factor")
        chromium.follow("Add a second factor")
        chromium.fill(current_password="wrong")
        chromium.press("Continue")
        self.assertEqual(len(chromium.texts(".problem")), 1)
        chromium.fill(current_password=PASSWORD)
        chromium.press("Continue")
        app = self.app_of(chromium)
        chromium.fill(code="000000")
        chromium.press("Confirm")
        self.assertEqual(len(chromium.texts("#code-error")), 1)
        chromium.fill(code=app.code())
        chromium.press("Confirm")
        codes = chromium.texts("pre.secrets")[0].split()
        self.assertEqual(len(codes), 10)
        chromium.follow("I have kept it")
        return app, codes

    def change_password(self, chromium, codes):
        chromium.follow("Change your password")
        chromium.fill(new_password=NEW_PASSWORD, current_password=PASSWORD, any_code=codes.pop())
        chromium.press("Change password")
        self.assert_notice(chromium, "Your password is changed")

    def log_in_with_factor(self, chromium, name, app, codes):
        chromium.log_in(name, NEW_PASSWORD)
        self.assertEqual(chromium.path, "/login/code")
        chromium.fill(code="000000")
        chromium.press("Log in")
        self.assertEqual(len(chromium.texts("#code-error")), 1)
        chromium.fill(code=app.code())
        chromium.press("Log in")
        self.assertEqual(chromium.path, "/account")
        chromium.log_out()
        chromium.log_in(name, NEW_PASSWORD)
        chromium.follow("Use a recovery code")
        chromium.fill(code=codes.pop())
        chromium.press("Log in")
        self.assertEqual(chromium.path, "/account")
        self.assertIn("8 recovery codes left", chromium.text)

    def use_keys(self, chromium, codes, copies):
        chromium.follow("API keys")
        chromium.follow("New API key")
        chromium.fill(display_name="Backup", scopes="read:own_profile", lifetime="30", current_password=NEW_PASSWORD,
                      any_code=codes.pop())
        chromium.press("Make the key")
        self.assertRegex(chromium.texts("pre.secrets")[0], "^idk_")
        self.assertEqual("Copy" in chromium.texts("main button"), copies)
        chromium.follow("I have kept it")
        chromium.follow("Replace Backup")
        chromium.fill(current_password=NEW_PASSWORD, any_code=codes.pop())
        chromium.press("Replace the key")
        chromium.follow("I have kept it")
        chromium.follow("Revoke Backup")
        self.assertEqual(chromium.texts(".rows dd")[0], "Backup")
        chromium.press("Revoke the key")
        self.assert_notice(chromium, "The key is revoked")
        self.assertIn("revoked", chromium.texts(".tag"))

    def end_another_session(self, chromium, name, codes):
        other = self.visitor(**{"User-Agent": "a lost phone"})
        other.log_in(name, NEW_PASSWORD)
        self.assertEqual(other.cookies.keys() & {"__Host-session", "__Host-challenge"}, {"__Host-challenge"})
        other.post("/login/recovery-code", {"code": codes.pop()})
        self.assertEqual(other.get("/account").status, 200)
        chromium.open("/account/sessions")
        self.assertIn("a lost phone", chromium.text)
        chromium.follow("End the session")
        self.assertEqual(chromium.texts(".rows dd")[0], "a lost phone")
        chromium.press("End the session")
        self.assertNotIn("a lost phone", chromium.text)
        self.assert_signed_out(other)

    def reset(self, chromium, name, address, codes):
        chromium.follow("Forgot your password?")
        chromium.fill(login=name)
        chromium.press("Send a mail")
        self.assert_notice(chromium, "If this account exists")
        chromium.open(self.world.mailbox.link_to(address, "reset-password"))
        self.assertEqual(chromium.path, "/reset-password")
        chromium.fill(new_password=RESET_PASSWORD)
        chromium.press("Set password")
        self.assert_notice(chromium, "Your new password is set")
        chromium.fill(login=address, password=RESET_PASSWORD)
        chromium.press("Log in")
        chromium.follow("Use a recovery code")
        chromium.fill(code=codes.pop())
        chromium.press("Log in")
        self.assertEqual(chromium.path, "/account")

    def deactivate(self, chromium, name, codes):
        chromium.follow("Deactivate")
        chromium.fill(current_password=RESET_PASSWORD, any_code=codes.pop())
        chromium.press("Deactivate my account")
        self.assert_notice(chromium, "Your account is deactivated")
        chromium.fill(login=name, password=RESET_PASSWORD)
        chromium.press("Log in")
        self.assertEqual(len(chromium.texts(".problem")), 1)

