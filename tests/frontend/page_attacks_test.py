"""Strangers choose what the frontend reads. No page, header or redirect does what they want."""

import contextlib
import http.server
import re
import socket
import threading
import urllib.parse
import uuid

from browser_case import BrowserCase
import world
from case import Case
from frontend import security
from identity.v1 import admin_service_pb2 as admin
from strangers import EVIL, ID, paths
from world import PASSWORD

MARK = "\"'><xss onload=alert(1)>{{7919*7919}}"
PRODUCT = str(7919 * 7919)  # what a template would make of it
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
                               "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "strict-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class HeadersTest(Case):

    def assert_shielded(self, answer, path):
        for name, value in HEADERS.items():
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
        name = f"x-{uuid.uuid4().hex[:12]}"
        user = self.world.log_in(self.world.add_user()).principal_id
        account = self.world.admin.call(admin.CreateServiceAccountRequest(name=name)).service_account
        self.world.admin.call(admin.CreateRoleRequest(role={"name": name}))
        self.world.admin.call(admin.CreateIdentityProviderRequest(
            provider={"name": name, "issuer": f"https://{name}.example", "audiences": ["x"]}))
        self.addCleanup(self.world.admin.call, admin.DeleteIdentityProviderRequest(name=name))
        objects = {"/admin/service-accounts/": account.id, "/admin/roles/": name, "/admin/providers/": name}
        filled_in = 0
        for path in paths("POST"):
            if path in (security.TOKEN_PATH, "/logout") or path.endswith("/delete"):
                continue
            kind = next((kind for kind in objects if path.startswith(kind)), "")
            path = path.replace(ID, objects.get(kind, user), 1)
            page = person.get(path).text
            fields = set(re.findall(r'name="(\w+)"', page)) - {"form_token", "new_password", "version"}
            filled_in += bool(fields)
            answer = person.post(path, {field: MARK for field in fields}, page="/logout")
            self.assert_harmless(answer, path)
        self.assertGreater(filled_in, 30)

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


class MalformedTest(Case):

    def test_malformed_bodies_are_refused(self):
        form = "application/x-www-form-urlencoded"
        for body, kind, status in ((b"x" * 70_000, form, 413), (b"a=%ff", form, 400), (b"\xff", form, 400),
                                   (b"&".join([b"a=b"] * 100), form, 400), (b"{}", "application/json", 400),
                                   (b"", "multipart/form-data; boundary=x", 400)):
            for path in ("/login", security.TOKEN_PATH):
                answer = self.visitor().ask("POST", path, body, {"Content-Type": kind})
                self.assertEqual(answer.status, status, (path, body[:20]))

    def test_a_client_that_leaves_is_no_fault(self):
        for body in (b"", b"login=ad"):
            with socket.create_connection(("127.0.0.1", self.frontend.port)) as connection:
                connection.sendall(b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
                                   b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + body)
        self.assertEqual(self.visitor().get("/login").status, 200)  # world.make reads the log at the end

    def test_a_client_that_sends_half_a_request_is_sent_away(self):
        with socket.create_connection(("127.0.0.1", self.frontend.port), world.SECONDS) as connection:
            connection.sendall(b"GET /login HTTP/1.1\r\nHost: ")
            self.assertEqual(connection.recv(1), b"")

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
