"""Each page fits, and axe-core finds nothing: light and dark, wide and narrow."""

import unittest
import uuid

import browser
from browser_case import PICTURES, BrowserCase
from identity.v1 import admin_service_pb2 as admin
from identity.v1 import identity_service_pb2 as identity
from world import PASSWORD

PUBLIC = ("/login", "/register", "/forgot", "/reset-password", "/no-such-page")
OWN = ("", "/profile", "/email", "/password", "/factor", "/factor/add", "/sessions", "/keys", "/keys/new",
       "/identities", "/deactivate")
ADMINISTRATION = ("", "/users", "/users/new", "/service-accounts", "/service-accounts/new", "/roles", "/roles/new",
                  "/bindings", "/providers/new", "/audit")


@unittest.skipUnless(browser.AXE.exists(), "axe-core is not installed")
class LooksTest(BrowserCase):

    def setUp(self):
        self.chromium = self.browse()
        if PICTURES:  # a scroll bar would cut off the right edge
            self.chromium.driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})

    def look(self, name):
        self.assert_looks_good(self.chromium, name)

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
        self.chromium.follow("Replace Backup")
        self.look("key-replace")
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

    def test_another_session(self):
        name = self.world.add_user()
        self.visitor(**{"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) " + "Firefox/140.0 " * 8}).log_in(name)
        self.chromium.log_in(name)
        self.chromium.open("/account/sessions")
        self.look("sessions-two")
        self.chromium.follow("End the session")
        self.look("session-end")

    def test_administration(self):
        self.chromium.log_in(self.world.admin_login, self.world.admin_password)
        self.look_at(*(f"/admin{path}" for path in ADMINISTRATION))

    def test_a_user(self):
        tokens = self.world.log_in(self.world.add_user("checker"))
        self.look_at_principal("user", f"/admin/users/{tokens.principal_id}", tokens.principal_id)
        self.look_at_end("user", f"/admin/users/{tokens.principal_id}", "End the session")
        self.chromium.open(f"/admin/users/{tokens.principal_id}/edit")
        change = admin.UpdateUserRequest(user={"id": tokens.principal_id, "full_name": "Ada"})
        self.world.admin.call(change)
        self.chromium.press("Save")
        self.look("user-changed-meanwhile")

    def test_a_service_account(self):
        request = admin.CreateServiceAccountRequest(name=f"program-{uuid.uuid4().hex[:12]}", description="Bills")
        service_account = self.world.admin.call(request).service_account.id
        self.world.bind(service_account, "checker", "orgs/acme")
        self.look_at_principal("service-account", f"/admin/service-accounts/{service_account}", service_account)

    def look_at_principal(self, name, path, id):
        self.world.admin.call(identity.IssueApiKeyRequest(owner_id=id, display_name="Reader",
                                                          scopes=["identity:check"]))
        self.chromium.log_in(self.world.admin_login, self.world.admin_password)
        for page in (path, f"{path}/edit", f"{path}/delete", *(f"/admin/principals/{id}/{rest}" for rest in (
                "disable", "bindings/new", "keys/new"))):
            self.chromium.open(page)
            self.look(f"{name}-{page.rpartition(id)[2].strip('/') or 'page'}")
        for link in ("Take away checker", "Replace Reader", "Revoke Reader"):
            self.look_at_end(name, path, link)

    def look_at_end(self, name, path, link):
        self.chromium.open(path)
        self.chromium.follow(link)
        self.look(f"{name}-{link.partition(' ')[0].lower()}")

    def test_a_provider(self):
        name, role = f"staff-{uuid.uuid4().hex[:12]}", f"support-{uuid.uuid4().hex[:12]}"
        self.world.admin.call(admin.CreateRoleRequest(role={"name": role, "permissions": ["posts:read"]}))
        mapping = {"claim": "/realm_access/roles", "value": "/support", "role": role, "resource": "orgs/acme"}
        self.world.admin.call(admin.CreateIdentityProviderRequest(
            preset=admin.PROVIDER_PRESET_KEYCLOAK, realm_url=f"https://login.example.com/realms/{name}",
            provider={"name": name, "audiences": ["shop-frontend", "office"], "role_mappings": [mapping]}))
        self.chromium.log_in(self.world.admin_login, self.world.admin_password)
        path = f"/admin/providers/{name}"
        for page in ("", "/edit", "/delete", "/mappings/new"):
            self.chromium.open(path + page)
            self.look(f"provider{page}")
        self.look_at_end("mapping", path, f"Remove {role}")
        self.look_at("/admin/providers")
