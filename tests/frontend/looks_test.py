"""Each page fits, and axe-core finds nothing: light and dark, wide and narrow."""

import os
import pathlib
import unittest

import browser
from browser_case import BrowserCase
from identity.v1 import identity_service_pb2 as identity
from world import PASSWORD

PICTURES = os.environ.get("IDENTITY_PICTURES")
WIDTHS = (1280, 320)
PUBLIC = ("/login", "/register", "/forgot", "/reset-password", "/no-such-page")
OWN = ("", "/profile", "/email", "/password", "/factor", "/factor/add", "/sessions", "/keys", "/keys/new",
       "/identities", "/identities/unlink", "/deactivate")
ADMINISTRATION = ("", "/users", "/users/new", "/roles", "/roles/new", "/bindings", "/audit")


@unittest.skipUnless(browser.AXE.exists(), "axe-core is not installed")
class LooksTest(BrowserCase):

    def setUp(self):
        self.chromium = self.browse()

    def look(self, name):
        """Looks at the present page in all its forms."""
        for width in WIDTHS:
            for dark in (False, True):
                with self.subTest(page=name, width=width, dark=dark):
                    self.chromium.show(width, dark)
                    if PICTURES:
                        picture = f"{name.strip('/').replace('/', '-')}-{width}-{'dark' if dark else 'light'}.png"
                        (pathlib.Path(PICTURES) / picture).write_bytes(self.chromium.picture())
                    self.assertEqual(self.chromium.overflow(), 0)
                    self.assertEqual(self.chromium.violations(), [])

    def look_at(self, *paths):
        for path in paths:
            self.chromium.open(path)
            self.look(path)

    def test_public_pages(self):
        self.look_at(*PUBLIC)

    def test_a_refused_form(self):
        self.chromium.open("/register")
        self.chromium.fill(username="ada-wants-to-register", email="ada@example.com", password="password")
        self.chromium.press("Create account")
        self.look("register-refused")

    def test_own_account(self):
        name = self.world.add_user()
        self.chromium.log_in(name)
        self.look_at(*(f"/account{path}" for path in OWN), "/verify-email")

    def test_pages_with_secrets(self):
        name = self.world.add_user()
        self.chromium.log_in(name)
        self.chromium.open("/account/keys/new")
        self.chromium.fill(display_name="Backup", current_password=PASSWORD)
        self.chromium.press("Make the key")
        self.look("key")
        self.look_at("/account/keys")
        self.chromium.open("/account/factor/add")
        self.chromium.fill(current_password=PASSWORD)
        self.chromium.press("Continue")
        app = self.app_of(self.chromium)
        self.look("enroll")
        self.chromium.fill(code="000000")
        self.chromium.press("Confirm")
        self.look("confirm-refused")
        self.chromium.fill(code=app.code())
        self.chromium.press("Confirm")
        self.look("recovery-codes")
        self.look_at("/account/factor")
        self.chromium.log_out()
        self.look("logged-out")
        self.chromium.log_in(name)
        self.look("code")
        self.chromium.follow("Use a recovery code")
        self.look("recovery-code")

    def test_administration(self):
        name = self.world.add_user("checker")
        tokens = self.world.log_in(name)
        self.world.admin.call(identity.IssueApiKeyRequest(owner_id=tokens.principal_id, display_name="Reader",
                                                          scopes=["identity:check"]))
        self.chromium.log_in(self.world.admin_login, self.world.admin_password)
        user = f"/users/{tokens.principal_id}"
        self.look_at(*(f"/admin{path}" for path in (*ADMINISTRATION, user, f"{user}/edit", f"{user}/bindings/new",
                                                    f"{user}/delete")))
