"""A session serves only the person who logged in, and only through the frontend's own forms."""

import concurrent.futures

import world
from case import Case
from frontend import security
from frontend.cookies import BROWSER, SESSION
from strangers import EVIL, paths, without_tokens


class CookieTest(Case):

    def test_every_cookie_is_out_of_reach(self):
        person = self.visitor()
        name = self.world.add_user()
        answers = [person.get("/login"), person.log_in(name, remember_device="on"),
                   person.get("/links/verify-email?token=x")]
        lines = [line for answer in answers for line in answer.cookies]
        self.assertEqual({line.partition("=")[0] for line in lines},
                         {"__Host-browser", "__Host-session", "__Host-device", "__Host-mailed"})
        for line in lines:
            self.assertIn("; Path=/; Secure; HttpOnly; SameSite=Lax", line)
            self.assertNotIn("Domain", line)

    def test_no_page_and_no_cookie_shows_a_token(self):
        person = self.person("super_admin")
        tokens = self.frontend.seals.open("session", person.cookies["__Host-session"])
        for path in paths("GET"):
            answer = person.get(path)
            shown = answer.text + str(answer.headers)
            for secret in (tokens["access_token"], tokens["refresh_token"], self.world.api_key):
                self.assertNotIn(secret, shown, path)

    def test_a_changed_cookie_is_none(self):
        person = self.person()
        good = person.cookies["__Host-session"]
        other_seals = world.Seals((bytes(32),))
        values = self.frontend.seals.open("session", good)
        forged = [good[:-1], good[:20] + "A" + good[21:], "", "x", "é", '"', person.cookies["__Host-browser"],
                  other_seals.seal("session", values), self.frontend.seals.seal("device", values), "a" * 8000]
        for value in forged:
            person.cookies["__Host-session"] = value
            self.assert_signed_out(person)

    def test_a_cookie_ends_with_the_session(self):
        person = self.person()
        stolen = dict(person.cookies)
        person.post("/logout")
        self.assertNotIn("__Host-session", person.cookies)
        person.cookies = stolen
        self.assert_signed_out(person)

    def test_a_login_and_its_end_forget_what_another_one_began(self):
        person = self.person()
        for leave, names in ((lambda: person.log_in(self.world.add_user()), ("challenge", "proof", "provider")),
                             (lambda: person.post("/logout"), ("challenge", "proof", "provider", "mailed"))):
            for name in names:
                person.cookies[f"__Host-{name}"] = self.frontend.seals.seal(name, {"token": "x"})
            self.assertEqual(leave().status, 303)
            self.assertEqual([name for name in names if f"__Host-{name}" in person.cookies], [])

    def test_a_login_ends_the_session_before_it(self):
        person = self.person()
        before = dict(person.cookies)
        person.log_in(person.name)
        self.assertEqual(person.get("/account").status, 200)
        thief = self.visitor()
        thief.cookies = before
        self.assert_signed_out(thief)

    def test_cookies_of_a_stranger_are_no_way_into_a_later_session(self):
        stranger = self.visitor()
        token = stranger.form_token()
        victim = self.visitor()
        victim.cookies = dict(stranger.cookies)  # the stranger has planted them
        victim.log_in(self.world.add_user())
        self.assert_signed_out(stranger)
        answer = victim.post_raw("/account/profile", {"form_token": token, "full_name": "Mallory"})
        self.assertEqual(answer.status, 403)


class ForgeryTest(Case):
    """Other sites send forms."""

    def test_no_form_works_without_a_token_of_this_browser_and_session(self):
        person, stranger = self.person("super_admin"), self.visitor()
        before_login = self.visitor()
        before_login.cookies = {"__Host-browser": person.cookies["__Host-browser"]}
        tokens = [None, "", "x", stranger.form_token(), before_login.form_token(),
                  self.frontend.seals.seal("form", {}), person.cookies["__Host-browser"]]
        for path in paths("POST"):
            if path == security.TOKEN_PATH:
                continue
            for token in tokens:
                answer = person.post_raw(path, {} if token is None else {"form_token": token})
                self.assertEqual(answer.status, 403, (path, token))
        self.assertEqual(person.get("/account").status, 200)

    def test_no_form_works_from_another_site(self):
        person = self.person()
        token = person.form_token("/logout")
        forged = ({"Origin": EVIL}, {"Origin": "null"}, {"Origin": self.frontend.origin + ".evil.example"},
                  {"Origin": ""}, {"Origin": self.frontend.origin.replace("http:", "https:")})
        for path in paths("POST"):
            for headers in forged:
                self.assertEqual(person.post_raw(path, {"form_token": token}, **headers).status, 403, (path, headers))
        for site in ("cross-site", "same-site"):
            answer = person.ask("POST", "/logout", f"form_token={token}", {
                "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": site})
            self.assertEqual(answer.status, 403)
        self.assertEqual(person.get("/account").status, 200)

    def test_a_page_without_an_origin_needs_its_token_all_the_same(self):
        person = self.person()
        token = person.form_token("/logout")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.assertEqual(person.ask("POST", "/logout", "", form).status, 403)
        self.assertEqual(person.ask("POST", "/logout", f"form_token={token}", form).status, 303)

    def test_get_changes_nothing(self):
        person = self.person("super_admin")
        sessions = person.get("/account/sessions").text
        for path in paths("GET"):
            person.get(path)
        self.assertEqual(without_tokens(person.get("/account/sessions").text), without_tokens(sessions))


class RefreshTest(Case):

    def age(self, visitor, **changes):
        """Changes the times in the session's cookie, as if hours had passed."""
        values = self.frontend.seals.open(SESSION.name, visitor.cookies["__Host-session"])
        visitor.cookies["__Host-session"] = self.frontend.seals.seal(SESSION.name, {**values, **changes})

    def test_parallel_requests_refresh_together(self):
        person = self.person()
        self.age(person, refresh_time=0, expire_time=0)
        copies = [self.visitor() for _ in range(10)]
        for copy in copies:
            copy.cookies = dict(person.cookies)
        with concurrent.futures.ThreadPoolExecutor(len(copies)) as pool:
            answers = list(pool.map(lambda copy: copy.get("/account").status, copies))
        self.assertEqual(set(answers), {200})
        for copy in copies:
            self.assertNotEqual(copy.cookies["__Host-session"], person.cookies["__Host-session"])
            self.assertEqual(copy.get("/account").status, 200)

    def test_a_form_refreshes_too(self):
        person = self.person()
        token = person.form_token("/account/profile")
        self.age(person, refresh_time=0, expire_time=0)
        before = person.cookies["__Host-session"]
        answer = person.post_raw("/account/profile", {"form_token": token, "full_name": "Ada"})
        self.assertEqual((answer.status, answer.headers["location"]), (303, "/account"))
        self.assertNotEqual(person.cookies["__Host-session"], before)

    def test_a_forged_form_refreshes_nothing(self):
        person = self.person()
        self.age(person, refresh_time=0, expire_time=0)
        before = person.cookies["__Host-session"]
        self.assertEqual(person.post_raw("/account/profile", {"form_token": "x"}).status, 403)
        self.assertEqual(person.cookies["__Host-session"], before)

    def test_a_session_that_cannot_be_refreshed_has_ended(self):
        person = self.person()
        self.age(person, refresh_time=0, expire_time=0, refresh_token="idr_x")
        self.assert_signed_out(person)
        self.assertNotIn("__Host-session", person.cookies)

    def test_a_browser_cookie_is_bound_to_no_session(self):
        person = self.person()
        self.assertEqual(set(self.frontend.seals.open(BROWSER.name, person.cookies["__Host-browser"])), {"id"})
