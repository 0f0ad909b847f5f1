"""The frontend under attack."""

import concurrent.futures
import contextlib
import http.server
import re
import statistics
import threading
import time
import urllib.parse
import uuid

import world
from browser_case import BrowserCase
from case import Case
from frontend import security
from frontend.app import make_app
from frontend.cookies import BROWSER, SESSION
from frontend.settings import Settings
from identity.v1 import admin_service_pb2 as admin
from world import PASSWORD

ID = "01a224d0-2997-787f-b32a-3e93edf6bdf6"
EVIL = "https://evil.example"
MARK = "\"'><xss onload=alert(1)>{{7919*7919}}"
PRODUCT = str(7919 * 7919)  # what a template would make of it


def routes():
    """The method and the path of each route, with ids in it."""
    settings = Settings.read(world.current().frontend.environment)
    app = make_app(settings)._app._app
    for route in app.routes:
        for method in getattr(route, "methods", None) or ():
            yield method, re.sub(r"\{.*?\}", ID, route.path)


def paths(method):
    return sorted(path for each, path in routes() if each == method)


def without_tokens(text):
    """A page without what differs each time."""
    return re.sub(r'name="form_token" value="[^"]+"', "", text)


class HeadersTest(Case):

    def assert_shielded(self, answer, path):
        for name, value in security.HEADERS.items():
            self.assertEqual(answer.headers.get_all(name), [value], (path, name))
        self.assertEqual(answer.headers["cache-control"], "no-store", path)
        self.assertNotIn("server", answer.headers, path)

    def test_every_answer_has_the_headers(self):
        person = self.person("super_admin")
        for visitor in (self.visitor(), person):
            for path in (*paths("GET"), "/no-such-page", "/%00", "/login/../x"):
                self.assert_shielded(visitor.get(path), path)

    def test_refusals_have_them_too(self):
        visitor = self.visitor()
        for answer in (visitor.get("/login", Host="evil.example"), visitor.post_raw("/login", {}),
                       visitor.post_raw("/login", {}, Origin=EVIL), visitor.ask("DELETE", "/login"),
                       visitor.ask("PUT", "/login", "x" * 100_000)):
            self.assertGreaterEqual(answer.status, 400)
            self.assert_shielded(answer, answer.status)

    def test_static_files_may_be_cached_and_hold_nothing_else(self):
        visitor = self.visitor()
        answer = visitor.get("/static/style.css")
        self.assertEqual((answer.status, answer.cookies), (200, []))
        self.assertIn("max-age", answer.headers["cache-control"])
        self.assertEqual(visitor.get("/static/../app.py").status, 404)
        self.assertEqual(visitor.get("/static/%2e%2e/app.py").status, 404)

    def test_a_missing_static_file_is_a_page_of_one_person(self):
        answer = self.person().get("/static/no-such-file")
        self.assertEqual(answer.status, 404)
        self.assert_shielded(answer, "/static/no-such-file")

    def test_no_path_is_redirected_to_the_host_of_the_request(self):
        answer = self.visitor().get("/links/reset-password/?token=idm_x", Host="localhost:1")
        self.assertEqual((answer.status, answer.headers["location"]), (404, None))

    def test_no_page_has_anything_inline(self):
        person = self.person("super_admin")
        for path in paths("GET"):
            page = person.get(path).text
            self.assertNotRegex(page, r"(?i)<style|<script(?! src=)|<[^>]*\s(on\w+|style)=|=\"javascript:", path)

    def test_another_host_is_refused(self):
        for host in ("evil.example", "localhost.evil.example", "", "localhost@evil.example", "evil.example:80"):
            answer = self.visitor().get("/login", Host=host)
            self.assertEqual((answer.status, answer.cookies), (400, []), host)


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


class RedirectTest(Case):

    def test_nobody_is_led_away(self):
        name = self.world.add_user()
        for target in (EVIL, "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
                       "javascript:alert(1)", "", "account", "/\r\nSet-Cookie: x=y", "@evil.example", "///evil.example",
                       "/é", "https:evil.example", " //evil.example", "/" + "a" * 5000):
            visitor = self.visitor()
            location = visitor.log_in(name, next=target).headers["location"]
            self.assertEqual(location, "/account", target)
            shown = visitor.get("/login?" + urllib.parse.urlencode({"next": target})).text
            self.assertNotIn("evil.example", shown)

    def test_people_come_back_to_where_they_were(self):
        visitor = self.visitor()
        location = visitor.get("/account/keys?page=x").headers["location"]
        page = visitor.get(location).text
        self.assertIn('value="/account/keys?page=x"', page)
        answer = visitor.log_in(self.world.add_user(), next="/account/keys")
        self.assertEqual(answer.headers["location"], "/account/keys")


class ScriptTest(BrowserCase):
    """Strangers put scripts into every text."""

    def assert_harmless(self, answer, what):
        self.assertLess(answer.status, 500, what)
        self.assertNotIn("<xss", answer.text, what)
        self.assertNotIn(PRODUCT, answer.text, what)

    def test_queries_and_paths(self):
        person = self.person("super_admin")
        names = ("next", "query", "page", "subject_id", "actor_id", "event", "outcome", "principal_id", "role",
                 "resource", "issuer", "subject", "token", "state", "code", "error", "notice")
        query = urllib.parse.urlencode({name: MARK for name in names})
        for path in paths("GET"):
            for visitor in (self.visitor(), person):
                for target in (f"{path}?{query}", path.replace(ID, urllib.parse.quote(MARK, safe=""))):
                    self.assert_harmless(visitor.follow(visitor.get(target)), target)

    def test_refused_forms(self):
        person = self.person("super_admin")
        user = self.world.log_in(self.world.add_user()).principal_id
        for path in paths("POST"):
            if path in (security.TOKEN_PATH, "/logout"):
                continue
            path = path.replace(ID, user, 1)
            page = person.get(path).text
            fields = set(re.findall(r'name="(\w+)"', page)) - {"form_token", "new_password"}
            answer = person.post(path, {field: MARK for field in fields}, page="/logout")
            self.assert_harmless(answer, path)

    def test_stored_texts(self):
        person = self.person("super_admin", **{"User-Agent": MARK})
        user = self.world.admin.call(admin.CreateUserRequest(
            username=f"u-{uuid.uuid4().hex[:12]}", email=f"{uuid.uuid4().hex}@example.com", full_name=MARK)).user
        role = f"r-{uuid.uuid4().hex[:12]}"
        self.world.admin.call(admin.CreateRoleRequest(role={"name": role, "description": MARK}))
        self.world.admin.call(admin.DisablePrincipalRequest(principal_id=user.id, reason=MARK))
        self.assertEqual(person.post("/account/profile", {"full_name": MARK}).status, 303)
        key = {"display_name": MARK, "current_password": PASSWORD}
        self.assertEqual(person.post("/account/keys/new", key).status, 200)
        own = self.world.log_in(person.name).principal_id
        shown = ""
        for path in ("/account", "/account/sessions", "/account/keys", "/account/profile", "/admin/users",
                     "/admin/roles", f"/admin/users/{user.id}", f"/admin/users/{own}", f"/admin/users/{user.id}/edit",
                     f"/admin/roles/{role}/edit", f"/admin/audit?subject_id={user.id}"):
            answer = person.get(path)
            self.assertEqual(answer.status, 200, path)
            self.assert_harmless(answer, path)
            shown += answer.text
        self.assertGreaterEqual(shown.count("&lt;xss"), 8)
        self.world.admin.call(admin.DeleteRoleRequest(name=role))

    def test_the_browser_runs_no_inline_script(self):
        chromium = self.browse()
        chromium.open("/login")
        ran = chromium.driver.execute_script("""
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
            document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.ran = true">');
            return window.ran;""")
        self.assertIsNone(ran)
        self.assertEqual(len([line for line in chromium.console() if "Content Security Policy" in line]), 2)

    def test_no_site_can_frame_a_page(self):
        chromium = self.browse()
        with site_with(f'<iframe src="{self.frontend.origin}/login"></iframe>') as address:
            chromium.open(address)
            chromium.driver.switch_to.frame(0)
            self.assertNotIn("Password", chromium.text)
            chromium.driver.switch_to.default_content()
        self.assertTrue(chromium.driver.get_log("browser"))

    def test_no_site_can_send_a_form(self):
        chromium = self.browse()
        name = self.world.add_user()
        chromium.log_in(name)
        form = f'<form method="post" action="{self.frontend.origin}/logout"><button>go</button></form>'
        with site_with(f"<main>{form}</main>") as address:
            chromium.open(address)
            chromium.press("go")
            self.assertIn("was refused", chromium.text)
        chromium.open("/account")
        self.assertIn(name, chromium.text)


@contextlib.contextmanager
def site_with(html):
    """Another site, with this page."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # pylint: disable=invalid-name
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class EnumerationTest(Case):
    """Nobody learns which accounts exist."""

    ROUNDS = 9

    def test_failed_logins_are_alike(self):
        disabled = self.world.add_user()
        self.world.admin.call(admin.DisablePrincipalRequest(principal_id=self.world.log_in(disabled).principal_id))
        logins = {"known": [(self.world.add_user(), "wrong") for _ in range(self.ROUNDS)],
                  "unknown": [(f"nobody-{uuid.uuid4().hex[:12]}", "wrong") for _ in range(self.ROUNDS)],
                  "disabled": [(disabled, PASSWORD)] * self.ROUNDS}
        self.assert_alike(logins, lambda visitor, login: visitor.log_in(*login), 422)

    def test_requests_for_a_new_password_are_alike(self):
        logins = {"known": [self.world.add_user() for _ in range(self.ROUNDS)],
                  "unknown": [f"nobody-{uuid.uuid4().hex[:12]}" for _ in range(self.ROUNDS)]}
        self.assert_alike(logins, lambda visitor, login: visitor.post("/forgot", {"login": login}), 303)

    def test_registrations_with_a_taken_address_are_alike(self):
        def register(visitor, address):
            return visitor.post("/register", {"username": f"new-{uuid.uuid4().hex[:12]}", "email": address,
                                              "password": PASSWORD})
        addresses = {"taken": [f"{self.world.add_user()}@example.com" for _ in range(self.ROUNDS)],
                     "free": [f"{uuid.uuid4().hex}@example.com" for _ in range(self.ROUNDS)]}
        self.assert_alike(addresses, register, 303)

    def assert_alike(self, kinds, ask, status):
        """The answers have the same status, headers and text. The medians of their times are within a factor of two:
        one that left out the hash of the password would be far off."""
        seen, times = set(), {kind: [] for kind in kinds}
        for turn in range(self.ROUNDS):
            for kind, logins in kinds.items():
                visitor = self.visitor()
                visitor.get("/login")
                begin = time.monotonic()
                answer = ask(visitor, logins[turn])
                times[kind].append(time.monotonic() - begin)
                text = without_tokens(visitor.follow(answer).text)
                cookies = sorted(line.partition("=")[0] for line in answer.cookies)
                typed = logins[turn][0] if isinstance(logins[turn], tuple) else logins[turn]
                seen.add((answer.status, answer.headers.get("location"), *cookies, text.replace(typed, "")))
        self.assertEqual([each[0] for each in seen], [status])
        medians = [statistics.median(each) for each in times.values()]
        self.assertLess(max(medians), 2 * min(medians), times)


class MailedLinkTest(Case):

    def test_the_token_leaves_the_url_at_once(self):
        for page in ("verify-email", "reset-password"):
            visitor = self.visitor()
            answer = visitor.get(f"/links/{page}?token=idm_secret")
            self.assertEqual((answer.status, answer.headers["location"]), (303, f"/{page}"))
            self.assertEqual(answer.headers["referrer-policy"], "strict-origin")
            self.assertNotIn("idm_secret", visitor.cookies["__Host-mailed"] + visitor.follow(answer).text)

    def test_opening_a_link_verifies_nothing(self):
        visitor = self.visitor()
        name = f"ada-{uuid.uuid4().hex[:12]}"
        visitor.post("/register", {"username": name, "email": f"{name}@example.com", "password": PASSWORD})
        link = self.world.mailbox.link_to(f"{name}@example.com", "verify-email").removeprefix(self.frontend.origin)
        visitor.follow(visitor.get(link))
        visitor.log_in(name)
        self.assertIn("not verified", visitor.get("/account").text)
        other = self.person()
        other.follow(other.get(link))
        self.assertEqual(other.post("/verify-email").status, 422)
        visitor.get(link)
        self.assertEqual(visitor.post("/verify-email").status, 303)
        self.assertNotIn("not verified", visitor.get("/account").text)

    def test_a_bad_link_is_a_problem_of_the_form(self):
        for token in ("", "idm_x", "x" * 5000):
            visitor = self.visitor()
            visitor.get(f"/links/reset-password?token={token}")
            self.assertEqual(visitor.post("/reset-password", {"new_password": PASSWORD}).status, 422)


class MalformedTest(Case):

    def test_malformed_bodies_are_refused(self):
        form = "application/x-www-form-urlencoded"
        for body, kind, status in ((b"x" * 70_000, form, 413), (b"a=%ff", form, 400), (b"\xff", form, 400),
                                   (b"&".join([b"a=b"] * 100), form, 400), (b"{}", "application/json", 400),
                                   (b"", "multipart/form-data; boundary=x", 400)):
            for path in ("/login", security.TOKEN_PATH):
                answer = self.visitor().ask("POST", path, body, {"Content-Type": kind})
                self.assertEqual(answer.status, status, (path, body[:20]))

    def test_strange_texts_are_no_fault(self):
        strange = ("\0", "a\0b", "\r\nX: y", "\ud7ff", "ﷺ" * 100, "😀" * 1000, "' OR 1=1 --", "{login}", "%s",
                   "\u202e")
        for text in strange:
            for path, fields in (("/login", ("login", "password", "next")), ("/forgot", ("login",)),
                                 ("/register", ("username", "email", "full_name", "password"))):
                answer = self.visitor().post(path, {field: text for field in fields})
                self.assertIn(answer.status, (303, 422), (path, text))

    def test_a_header_cannot_break_a_page(self):
        for headers in ({"User-Agent": "x" * 5000}, {"User-Agent": "\x01"}, {"Cookie": "__Host-session"},
                        {"Cookie": ";;==;\"\\"}, {"X-Forwarded-For": "x, , 1.2.3.4"}):
            self.assertEqual(self.visitor(**headers).get("/login").status, 200, headers)


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

    def test_a_session_that_cannot_be_refreshed_has_ended(self):
        person = self.person()
        self.age(person, refresh_time=0, expire_time=0, refresh_token="idr_x")
        self.assert_signed_out(person)
        self.assertNotIn("__Host-session", person.cookies)

    def test_a_browser_cookie_is_bound_to_no_session(self):
        person = self.person()
        self.assertEqual(set(self.frontend.seals.open(BROWSER.name, person.cookies["__Host-browser"])), {"id"})
