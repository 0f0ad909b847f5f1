"""An administrator's day, in a real browser, with and without JavaScript."""

import uuid

from browser_case import BrowserCase
from identity import Error
from identity.v1 import admin_service_pb2 as admin
from identity.v1 import identity_service_pb2 as identity
from world import PASSWORD


class AdministrationTest(BrowserCase):

    def test_a_day_with_javascript(self):
        self.work(self.browse())

    def test_a_day_without_javascript(self):
        self.work(self.browse(scripts=False))

    def work(self, chromium):
        self.log_in(chromium)
        name = f"grace-{uuid.uuid4().hex[:12]}"
        secret = self.create_user(chromium, name)
        self.use_one_time_secret(name, secret)
        self.change_user(chromium, name)
        role = self.create_role(chromium)
        self.give_and_take_role(chromium, name, role)
        self.unlock(chromium, name)
        self.end_a_session(chromium, name)
        self.disable_and_enable(chromium, name)
        self.replace_password(chromium, name)
        self.read_the_audit(chromium, name)
        self.delete(chromium, name, role)

    def log_in(self, chromium):
        chromium.log_in(self.world.admin_login, self.world.admin_password)
        chromium.open("/admin")
        self.assertEqual(chromium.texts(".tabs a"), ["Overview", "Users", "Service accounts", "Roles", "Bindings",
                                                     "Providers", "Audit"])
        self.assertIn("Users", chromium.texts(".numbers dt"))

    def open_user(self, chromium, name):
        chromium.open("/admin/users")
        chromium.fill(query=name)
        chromium.press("Find")
        chromium.follow(name)

    def create_user(self, chromium, name):
        chromium.follow("Users")
        chromium.follow("New user")
        chromium.fill(username=name, email="no address", full_name="Grace")
        chromium.driver.execute_script("document.forms[1].noValidate = true")
        chromium.press("Create")
        self.assertEqual(len(chromium.texts("#email-error")), 1)
        chromium.fill(email=f"{name}@example.com")
        chromium.press("Create")
        secret = chromium.texts("pre.secrets")[0]
        chromium.follow("I have kept it")
        self.assertEqual(chromium.texts("h1"), [name])
        return secret

    def use_one_time_secret(self, name, secret):
        user = self.browse()
        user.log_in(name, secret)
        self.assertEqual(user.path, "/account/password")
        self.assert_notice(user, "choose a password")
        user.fill(new_password=PASSWORD, current_password=secret)
        user.press("Change password")
        self.assert_notice(user, "Your password is set")
        user.log_in(name)
        self.assertEqual(user.path, "/account")
        self.assertNotIn("Administration", user.text)

    def change_user(self, chromium, name):
        self.open_user(chromium, name)
        chromium.follow("Change")
        chromium.fill(full_name="Grace Hopper", email_verified=True)
        chromium.press("Save")
        self.assertIn("Grace Hopper", chromium.text)
        self.assertNotIn("not verified", chromium.text)

    def create_role(self, chromium):
        role = f"editor-{uuid.uuid4().hex[:12]}"
        chromium.open("/admin/roles")
        chromium.follow("New role")
        chromium.fill(name=role, description="Edits", permissions="posts:read\nposts:update")
        chromium.press("Create")
        chromium.follow(f"Change {role}")
        chromium.fill(permissions="posts:*")
        chromium.press("Save")
        self.assertIn("posts:*", chromium.text)
        return role

    def give_and_take_role(self, chromium, name, role):
        self.open_user(chromium, name)
        chromium.follow("Give a role")
        chromium.fill(role=role, resource="orgs//acme")
        chromium.press("Give the role")
        self.assertEqual(len(chromium.texts("#resource-error")), 1)
        chromium.fill(role=role, resource="orgs/acme")
        chromium.press("Give the role")
        self.assertIn("orgs/acme", chromium.text)
        chromium.open(f"/admin/bindings?role={role}")
        chromium.follow(f"Take away {role}")
        self.assertEqual(chromium.texts(".rows dd"), [name, role, "orgs/acme", "never"])
        chromium.press("Take it away")
        self.assertEqual(chromium.texts("h1"), [name])
        self.assertNotIn("orgs/acme", chromium.text)

    def unlock(self, chromium, name):
        for _ in range(5):
            self.visitor().log_in(name, "wrong")
        self.assertEqual(self.visitor().log_in(name).status, 422)
        self.open_user(chromium, name)
        self.assertIn("locked until", chromium.text)
        chromium.press("Unlock")
        self.assertNotIn("locked until", chromium.text)
        self.assertEqual(self.visitor().log_in(name).status, 303)

    def end_a_session(self, chromium, name):
        user = self.visitor(**{"User-Agent": "a phone"})
        user.log_in(name)
        self.open_user(chromium, name)
        self.assertIn("a phone", chromium.text)
        chromium.follow("End the session")
        self.assertEqual(chromium.texts(".rows dd")[:2], [name, "a phone"])
        chromium.press("End the session")
        self.assert_signed_out(user)

    def disable_and_enable(self, chromium, name):
        user = self.visitor()
        user.log_in(name)
        self.open_user(chromium, name)
        chromium.follow("Disable")
        chromium.fill(reason="on leave")
        chromium.press("Disable")
        self.assertIn("disabled", chromium.texts(".tag"))
        self.assert_signed_out(user)
        self.assertEqual(self.visitor().log_in(name).status, 422)
        chromium.press("Enable")
        self.assertEqual(self.visitor().log_in(name).status, 303)

    def replace_password(self, chromium, name):
        self.open_user(chromium, name)
        chromium.follow("Replace the password")
        chromium.press("Make a one-time secret")
        secret = chromium.texts("pre.secrets")[0]
        answer = self.visitor().log_in(name, secret)
        self.assertEqual(answer.headers["location"], "/account/password")
        chromium.follow("I have kept it")

    def read_the_audit(self, chromium, name):
        chromium.follow("Audit of this account")
        for event in ("user.created", "principal.disabled", "user.unlocked", "credentials.reset"):
            self.assertIn(event, chromium.text)
        chromium.fill(event="login", outcome="failure")
        chromium.press("Find")
        self.assertIn("wrong password", chromium.text)
        self.assertNotIn("user.created", chromium.text)
        self.assertNotIn(name, chromium.path)

    def delete(self, chromium, name, role):
        self.open_user(chromium, name)
        chromium.follow("Log out everywhere")
        chromium.press("End all sessions and revoke all keys")
        chromium.follow("Delete")
        chromium.press("Delete for good")
        self.assert_notice(chromium, "The user is deleted")
        chromium.open("/admin/roles")
        chromium.follow(f"Delete {role}")
        chromium.press("Delete")
        self.assertNotIn(role, chromium.text)

    def test_service_accounts(self):
        chromium = self.browse(scripts=False)
        chromium.log_in(self.world.admin_login, self.world.admin_password)
        name = f"billing-{uuid.uuid4().hex[:12]}"
        self.create_service_account(chromium, name)
        self.give_it_a_role(chromium, name)
        self.use_its_keys(chromium, name)
        self.take_its_role(chromium, name)
        chromium.follow("Delete")
        chromium.press("Delete for good")
        self.assert_notice(chromium, "The service account is deleted")

    def create_service_account(self, chromium, name):
        chromium.open("/admin/service-accounts")
        chromium.follow("New service account")
        chromium.fill(name=self.world.admin_login, description="Bills")
        chromium.press("Create")
        self.assertEqual(len(chromium.texts("#name-error")), 1)
        chromium.fill(name=name)
        chromium.press("Create")
        self.assertEqual(chromium.texts("h1"), [name])
        chromium.follow("Change")
        chromium.fill(description="Writes the bills")
        chromium.press("Save")
        self.assertIn("Writes the bills", chromium.texts(".rows dd"))

    def give_it_a_role(self, chromium, name):
        chromium.follow("Give a role")
        self.assertEqual(chromium.texts("h1"), [f"Give {name} a role"])
        self.assertEqual(chromium.driver.find_element("name", "role").get_attribute("value"), "")
        chromium.fill(role="checker")
        chromium.press("Give the role")
        self.assertEqual(chromium.texts("tbody th"), ["checker"])

    def use_its_keys(self, chromium, name):
        chromium.follow("New API key")
        chromium.fill(display_name="Server", scopes="identity:check", lifetime="30")
        chromium.press("Make the key")
        key = chromium.texts("pre.secrets")[0]
        chromium.follow("I have kept it")
        self.assertEqual(chromium.texts("h1"), [name])
        self.assertTrue(self.works(key))
        chromium.follow("Disable")
        chromium.press("Disable")
        self.assertFalse(self.works(key))
        chromium.press("Enable")
        self.assertTrue(self.works(key))
        chromium.follow("Replace Server")
        self.assertEqual(chromium.texts(".rows dd")[:2], [name, "Server"])
        chromium.press("Replace the key")
        new_key = chromium.texts("pre.secrets")[0]
        chromium.follow("I have kept it")
        chromium.follow("Revoke Server")
        self.assertTrue(new_key.startswith(chromium.texts(".rows dd")[2]))
        chromium.press("Revoke the key")
        self.assertFalse(self.works(new_key))
        self.assertTrue(self.works(key))

    def works(self, key):
        """Whether Identity accepts the key."""
        try:
            return bool(self.world.client.call(identity.AuthenticateRequest(api_key={"key": key})))
        except Error as error:
            self.assertEqual(error.reason, "INVALID_CREDENTIALS")
            return False

    def take_its_role(self, chromium, name):
        chromium.follow("Take away checker")
        self.assertEqual(chromium.texts(".rows dd"), [name, "checker", "everywhere", "never"])
        chromium.press("Take it away")
        self.assertEqual(chromium.texts("h1"), [name])
        self.assertNotIn("checker", chromium.text)

    def test_providers(self):
        chromium = self.browse(scripts=False)
        chromium.log_in(self.world.admin_login, self.world.admin_password)
        name = f"staff-{uuid.uuid4().hex[:12]}"
        self.add_provider(chromium, name)
        self.change_provider(chromium, name)
        self.map_a_role(chromium)
        chromium.follow("Remove")
        chromium.press("Remove")
        self.assert_notice(chromium, "The provider is removed")
        self.assertNotIn(name, chromium.text)

    def add_provider(self, chromium, name):
        chromium.open("/admin/providers")
        chromium.follow("New identity provider")
        chromium.fill(name=name, preset=str(admin.PROVIDER_PRESET_KEYCLOAK), audiences="shop\nback-office")
        chromium.press("Add")
        self.assertIn("realm_url", chromium.texts(".problem")[0])
        chromium.fill(place=f"https://login.example.com/realms/{name}")
        chromium.press("Add")
        self.assertEqual(chromium.texts("h1"), [name])
        facts = chromium.texts(".rows dd")
        for fact in (f"https://login.example.com/realms/{name}", "shop, back-office", "email_verified", "is refused"):
            self.assertIn(fact, facts)

    def change_provider(self, chromium, name):
        chromium.follow("Change")
        chromium.fill(link_policy=str(admin.LINK_POLICY_LINK), trusted_amr="mfa\nhwk", disabled=True)
        chromium.press("Save")
        provider = self.world.admin.call(admin.GetIdentityProviderRequest(name=name)).provider
        self.assertEqual((list(provider.audiences), list(provider.trusted_amr), provider.email_claim),
                         (["shop", "back-office"], ["mfa", "hwk"], "email"))
        self.assertEqual((provider.link_policy, provider.disabled), (admin.LINK_POLICY_LINK, True))

    def map_a_role(self, chromium):
        role = f"support-{uuid.uuid4().hex[:12]}"
        self.world.admin.call(admin.CreateRoleRequest(role={"name": role, "permissions": ["posts:read"]}))
        for value in ("/support", "/help"):
            chromium.follow("Give a role by a claim")
            chromium.fill(claim="groups", value=value, role=role, resource="orgs/acme")
            chromium.press("Give the role")
        self.assertIn("/support", chromium.text)
        chromium.follow(f"Remove {role} by /support")
        self.assertEqual(chromium.texts(".rows dd"), ["groups", "/support", role, "orgs/acme"])
        chromium.press("Remove the mapping")
        self.assertEqual(chromium.texts("tbody td:nth-child(2)"), ["/help"])

    def test_a_person_without_permissions_gets_no_page(self):
        person = self.person()
        self.assertNotIn("Administration", person.get("/account").text)
        for path in ("/admin", "/admin/users", "/admin/service-accounts", "/admin/roles", "/admin/bindings",
                     "/admin/providers", "/admin/audit", "/admin/users/new"):
            expected = 200 if path.endswith("/new") else 403  # an empty form; Identity refuses what it asks for
            self.assertEqual(person.get(path).status, expected, path)
        answer = person.post("/admin/users/new", {"username": "mallory", "email": "mallory@example.com"})
        self.assertEqual(answer.status, 403)
