"""Links and forms of administrators, and of people about their account, act on what they show and on nothing else."""

import concurrent.futures
import re
import uuid

from case import Case
from identity.v1 import account_service_pb2 as account
from identity.v1 import admin_service_pb2 as admin
from identity.v1 import identity_service_pb2 as identity
from strangers import ID
from world import PASSWORD


class Owner:
    """A user with a key, a session and a role."""

    def __init__(self, world):
        self._world = world
        tokens = world.log_in(world.add_user("checker"))
        self.id = tokens.principal_id
        self.session = tokens.session_id
        issued = world.admin.call(identity.IssueApiKeyRequest(owner_id=self.id, display_name=f"key of {self.id}"))
        self.key, self._secret = issued.api_key.id, issued.secret
        self._refresh_token = tokens.refresh_token
        self.binding = self._bindings()[0].id

    def _bindings(self):
        return self._world.admin.call(admin.ListBindingsRequest(principal_id=self.id)).bindings

    def assert_has_all(self):
        """Raises an error if the key or the session has ended."""
        self._world.client.call(identity.AuthenticateRequest(api_key={"key": self._secret}))
        self._world.client.call(identity.RefreshRequest(refresh_token=self._refresh_token))
        assert [binding.id for binding in self._bindings()] == [self.binding]


class LinkTest(Case):
    """A stranger makes a link that names somebody, and the key, session or role of another one."""

    def assert_not_found(self, person, *paths):
        for path in paths:
            self.assertEqual(person.get(path).status, 404, path)
            answer = person.post(path, {"current_password": PASSWORD}, page="/account/profile")
            self.assertEqual(answer.status, 404, path)

    def test_an_administrator_ends_nothing_of_another_one(self):
        one, other, person = Owner(self.world), Owner(self.world), self.person("super_admin")
        for key, session, binding in ((other.key, other.session, other.binding), (ID, ID, ID), ("x", "x", "x")):
            path = f"/admin/principals/{one.id}"
            self.assert_not_found(person, f"{path}/keys/{key}/revoke", f"{path}/keys/{key}/rotate",
                                  f"{path}/bindings/{binding}/delete", f"/admin/users/{one.id}/sessions/{session}/end")
        other.assert_has_all()

    def test_the_pages_say_what_they_end(self):
        owner, person = Owner(self.world), self.person("super_admin")
        name = self.world.admin.call(admin.GetUserRequest(user_id=owner.id)).user.username
        for path, facts in ((f"principals/{owner.id}/keys/{owner.key}/revoke", (f"key of {owner.id}", "idk_")),
                            (f"principals/{owner.id}/bindings/{owner.binding}/delete", ("checker", "everywhere")),
                            (f"users/{owner.id}/sessions/{owner.session}/end", ("127.0.0.1", "password"))):
            path = f"/admin/{path}"
            page = person.get(path).text
            for fact in (name, *facts):
                self.assertRegex(page, rf"<dd>{re.escape(fact)}", path)
            self.assertEqual(person.post(path).headers["location"], f"/admin/users/{owner.id}")

    def test_a_person_ends_only_what_is_in_the_own_lists(self):
        owner = Owner(self.world)
        # This person may end everything, but the pages of an account are about the own account.
        person = self.person("super_admin")
        for key, session in ((owner.key, owner.session), (ID, ID), ("x", "x")):
            self.assert_not_found(person, f"/account/keys/{key}/revoke", f"/account/keys/{key}/rotate",
                                  f"/account/sessions/{session}/end")
        owner.assert_has_all()

    def test_the_pages_of_an_account_say_what_they_end(self):
        person = self.person(**{"User-Agent": "an old phone"})
        person.post("/account/keys/new", {"display_name": "Backup", "current_password": PASSWORD})
        client = self.world.client.with_credential(self.world.log_in(person.name).access_token)
        key = client.call(account.ListApiKeysRequest()).api_keys[0].id
        session = client.call(account.ListSessionsRequest()).sessions[-1].id
        for path, fact in ((f"keys/{key}/revoke", "Backup"), (f"keys/{key}/rotate", "Backup"),
                           (f"sessions/{session}/end", "an old phone")):
            self.assertIn(f"<dd>{fact}</dd>", person.get(f"/account/{path}").text)

    def test_what_they_say_is_no_script(self):
        mark = "\"'><xss>{id}"
        person = self.person("super_admin", **{"User-Agent": mark})
        service_account = self.world.admin.call(admin.CreateServiceAccountRequest(
            name=f"program-{uuid.uuid4().hex[:12]}", description=mark)).service_account.id
        key = self.world.admin.call(identity.IssueApiKeyRequest(owner_id=service_account, display_name=mark)).api_key.id
        own = self.world.log_in(person.name)
        client = self.world.client.with_credential(own.access_token)
        session = client.call(account.ListSessionsRequest()).sessions[-1].id
        for path in (f"admin/service-accounts/{service_account}",
                     f"admin/service-accounts/{service_account}/edit",
                     f"admin/principals/{service_account}/keys/{key}/revoke", f"account/sessions/{session}/end",
                     f"admin/users/{own.principal_id}/sessions/{session}/end"):
            page = person.get(f"/{path}").text
            self.assertNotIn("<xss", page, path)
            self.assertIn("&lt;xss&gt;{id}", page, path)

    def test_own_keys_need_a_proof(self):
        person = self.person("super_admin")
        own, user = self.world.log_in(person.name).principal_id, Owner(self.world).id
        for id, status, text in ((own, 403, "This is your own account"), (user, 200, "idk_")):
            answer = person.post(f"/admin/principals/{id}/keys/new", {"display_name": "Backup"})
            self.assertEqual(answer.status, status)
            self.assertIn(text, answer.text)

    def test_a_page_of_a_user_is_none_of_a_service_account(self):
        person = self.person("super_admin")
        user = Owner(self.world).id
        service_account = self.add_service_account()
        self.assertEqual(person.get(f"/admin/principals/{ID}").status, 404)
        for path, id in (("users", service_account), ("service-accounts", user)):
            self.assertEqual(person.get(f"/admin/{path}/{id}").status, 404, path)
            self.assertEqual(person.post(f"/admin/{path}/{id}/delete", page="/account/profile").status, 404, path)
        for path, id in (("users", user), ("service-accounts", service_account)):
            self.assertEqual(person.get(f"/admin/principals/{id}").headers["location"], f"/admin/{path}/{id}")

    def test_lists_of_many_pages_are_searched(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            accounts = list(pool.map(lambda _: self.add_service_account(), range(1001)))
        person = self.person("super_admin")
        self.assertEqual({person.get(f"/admin/service-accounts/{id}").status for id in accounts[-8:]}, {200})

    def add_service_account(self):
        request = admin.CreateServiceAccountRequest(name=f"program-{uuid.uuid4().hex[:12]}")
        return self.world.admin.call(request).service_account.id

    def test_an_administrator_who_may_not_read_names_sees_ids(self):
        role = f"binder-{uuid.uuid4().hex[:12]}"
        self.world.admin.call(admin.CreateRoleRequest(role={
            "name": role, "permissions": ["identity:bindings:*", "identity:check", "identity:roles:read"]}))
        person, owner = self.person(role), Owner(self.world)
        path = f"/admin/principals/{owner.id}/bindings/{owner.binding}/delete"
        self.assertIn(f"<dd>{owner.id}</dd>", person.get(path).text)
        self.assertEqual(person.post(path).headers["location"], f"/admin/bindings?principal_id={owner.id}")
        self.assertEqual(person.get("/admin/principals/anonymous/bindings/new").status, 200)


class StaleFormTest(Case):
    """Somebody else changes an object while an administrator looks at the form."""

    def setUp(self):
        self.administrator = self.person("super_admin")

    def values(self, page):
        """What the form sends if nothing is changed."""
        found = re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page)
        found += re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n([^<]*)<', page)
        found += [(name, "on") for name in re.findall(r'type="checkbox" name="(\w+)" checked', page)]
        found += re.findall(r'<select[^>]* name="(\w+)"[^§]*?value="(\w+)" selected', page)
        return dict(found)

    def assert_stale(self, path, form):
        """The form is refused. Returns what it then shows."""
        answer = self.administrator.post_raw(path, form)
        self.assertEqual(answer.status, 409, path)
        self.assertIn("Somebody else has changed this", answer.text)
        return self.values(answer.text)

    def test_an_address_is_not_put_back(self):
        user = self.world.log_in(self.world.add_user()).principal_id
        path = f"/admin/users/{user}/edit"
        form = self.values(self.administrator.get(path).text)
        new = f"{uuid.uuid4().hex}@example.com"
        change = admin.UpdateUserRequest(user={"id": user, "email": new, "email_verified": True})
        self.world.admin.call(change)
        form = self.assert_stale(path, {**form, "full_name": "Ada"})
        self.assertEqual((form["email"], form["full_name"], form["email_verified"]), (new, "", "on"))
        self.assertEqual(self.administrator.post_raw(path, {**form, "full_name": "Ada"}).status, 303)
        user = self.world.admin.call(admin.GetUserRequest(user_id=user)).user
        self.assertEqual((user.email, user.email_verified, user.full_name), (new, True, "Ada"))

    def test_a_name_alone_leaves_the_mails_of_the_user(self):
        name = self.world.add_user()
        visitor = self.visitor()
        visitor.post("/forgot", {"login": name})
        link = self.world.mailbox.link_to(f"{name}@example.com", "reset-password").removeprefix(self.frontend.origin)
        path = f"/admin/users/{self.world.log_in(name).principal_id}/edit"
        form = self.values(self.administrator.get(path).text)
        self.assertEqual(self.administrator.post_raw(path, {**form, "full_name": "Ada"}).status, 303)
        visitor.get(link)
        self.assertEqual(visitor.post("/reset-password", {"new_password": f"{PASSWORD}, again"}).status, 303)

    def test_a_permission_is_not_put_back(self):
        role = f"editor-{uuid.uuid4().hex[:12]}"
        self.world.admin.call(admin.CreateRoleRequest(role={"name": role, "permissions": ["a:b", "c:d"]}))
        path = f"/admin/roles/{role}/edit"
        form = self.values(self.administrator.get(path).text)
        self.world.admin.call(admin.UpdateRoleRequest(role={"name": role, "permissions": ["a:b"]}))
        form = self.assert_stale(path, {**form, "description": "Edits"})
        self.assertEqual((form["permissions"], form["description"]), ("a:b", ""))

    def test_a_service_account_and_a_provider(self):
        service_account = self.world.admin.call(admin.CreateServiceAccountRequest(
            name=f"program-{uuid.uuid4().hex[:12]}")).service_account.id
        path = f"/admin/service-accounts/{service_account}/edit"
        form = self.values(self.administrator.get(path).text)
        self.world.admin.call(admin.UpdateServiceAccountRequest(service_account={
            "id": service_account, "description": "x"}))
        self.assertEqual(self.assert_stale(path, form)["description"], "x")
        name = f"staff-{uuid.uuid4().hex[:12]}"
        self.world.admin.call(admin.CreateIdentityProviderRequest(provider={
            "name": name, "issuer": f"https://{name}.example", "audiences": ["x"]}))
        path = f"/admin/providers/{name}/edit"
        form = self.values(self.administrator.get(path).text)
        self.world.admin.call(admin.UpdateIdentityProviderRequest(provider={"name": name, "disabled": True}))
        self.assertEqual(self.assert_stale(path, form)["disabled"], "on")

    def test_a_link_to_a_changed_mapping_is_none(self):
        name, role = f"staff-{uuid.uuid4().hex[:12]}", f"support-{uuid.uuid4().hex[:12]}"
        self.world.admin.call(admin.CreateRoleRequest(role={"name": role, "permissions": ["posts:read"]}))
        mappings = [{"claim": "groups", "value": value, "role": role} for value in ("a", "b")]
        self.world.admin.call(admin.CreateIdentityProviderRequest(provider={
            "name": name, "issuer": f"https://{name}.example", "audiences": ["x"], "role_mappings": mappings}))
        page = self.administrator.get(f"/admin/providers/{name}").text
        first, second = re.findall(r'href="(\S+/mappings/\w{32}/delete)"', page)
        self.assertEqual(self.administrator.post(first).status, 303)
        self.assertEqual(self.administrator.get(first).status, 404)
        self.assertIn("<dd>b</dd>", self.administrator.get(second).text)
