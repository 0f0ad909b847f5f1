"""An administrator's day, in a real browser, with and without JavaScript."""

import uuid

from browser_case import BrowserCase
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
        self.assertEqual(chromium.texts(".tabs a"), ["Overview", "Users", "Roles", "Bindings", "Audit"])
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
        chromium.press("Take it away")
        self.open_user(chromium, name)
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
        chromium.follow("Audit of this user")
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

    def test_a_person_without_permissions_gets_no_page(self):
        person = self.person()
        self.assertNotIn("Administration", person.get("/account").text)
        for path in ("/admin", "/admin/users", "/admin/roles", "/admin/bindings", "/admin/audit", "/admin/users/new"):
            expected = 200 if path.endswith("/new") else 403  # an empty form; Identity refuses what it asks for
            self.assertEqual(person.get(path).status, expected, path)
        answer = person.post("/admin/users/new", {"username": "mallory", "email": "mallory@example.com"})
        self.assertEqual(answer.status, 403)
